"""Ticks in PostgreSQL's ``market_ticks``: a hypertable where TimescaleDB is, else native partitions.

A batch is one COPY straight into the table: nearly every tick is new. Only when one is not, the transaction
is undone and the batch goes through a staging table that leaves out what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from psycopg2 import errors
from psycopg2.extensions import cursor as Cursor

from include.contracts.prices import Tick
from include.stores import partitions
from include.stores.base import Ready, Written
from include.stores.binary_copy import DAY_US, copy, moment_of
from include.stores.postgres import Database
from include.stores.tick_rows import COLUMNS, Rows, TickRows
from include.stores.writing import writing

TABLE = "market_ticks"

_STAGE = "CREATE TEMPORARY TABLE IF NOT EXISTS staged_ticks (LIKE market_ticks) ON COMMIT DELETE ROWS"
_MERGE = f"""
INSERT INTO market_ticks ({COLUMNS}) SELECT {COLUMNS} FROM staged_ticks ON CONFLICT DO NOTHING
"""  # noqa: S608 - the columns are our own


class TickStore:
    """The table ``market_ticks``, and in the same transaction the minutes whose bars are due (``bars_due``).

    A tick of more than ten years ago or more than a day ahead is refused: every day takes a partition.
    """

    name = "postgres-ticks"

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = TickRows()
        self._days: set[int] = set()
        self._repeats = False

    def write(self, messages: Sequence[Tick]) -> Written:
        """Keep them, all or none. Raises Transient when the database is away or refuses for now."""
        return self.prepare(messages).write()

    def prepare(self, messages: Sequence[Tick]) -> Ready:
        """Their rows, ready to be written by any thread."""
        return _ReadyTicks(self._rows.of(messages), self._write)

    def _write(self, batch: Rows) -> Written:
        if not batch.rows:
            return Written(0, batch.refused)
        self._make_room(batch.days)
        try:
            new = self._insert(batch)
        except errors.CheckViolation:  # retention has dropped a partition since we made it
            self._days.clear()
            self._make_room(batch.days)
            new = self._insert(batch)
        return Written(new, batch.refused)

    def close(self) -> None:
        """Nothing of its own: the database belongs to the process."""

    def _make_room(self, days: frozenset[int]) -> None:
        """The partitions of ``days`` exist; in a transaction of its own, for making one locks the table."""
        if not days <= self._days:
            with writing(self._database, TABLE) as connection:
                partitions.ensure(connection, TABLE, [moment_of(day * DAY_US) for day in days])
            self._days |= days

    def _insert(self, batch: Rows) -> int:
        if not self._repeats:
            with suppress(errors.UniqueViolation), self._transaction() as cursor:
                copy(cursor, f"{TABLE} ({COLUMNS})", batch.rows)
                _note_due(cursor, batch)
                return len(batch.rows)
        with self._transaction() as cursor:
            new = _merged(cursor, batch.rows)
            if new:
                _note_due(cursor, batch)
        self._repeats = new < len(batch.rows)  # what repeats once (a backfill) goes on for some batches
        return new

    @contextmanager
    def _transaction(self) -> Iterator[Cursor]:
        with writing(self._database, TABLE) as connection, connection.cursor() as cursor:
            yield cursor


class _ReadyTicks(NamedTuple):
    """Rows, and what writes them."""

    rows: Rows
    how: Callable[[Rows], Written]

    def write(self) -> Written:
        return self.how(self.rows)


def _merged(cursor: Cursor, rows: Sequence[bytes]) -> int:
    """COPY into a staging table and take over what is new; -> how many."""
    cursor.execute(_STAGE)
    copy(cursor, f"staged_ticks ({COLUMNS})", rows)
    cursor.execute(_MERGE)
    return int(cursor.rowcount)


def _note_due(cursor: Cursor, batch: Rows) -> None:
    if batch.due:
        copy(cursor, "bars_due (bar_at, feed, symbol)", batch.due)
