"""Wide rows into ``financial_ratios``: one stock's at a time, or many by COPY.

A row never replaces one whose statements were observed later: a late replay must not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg2.extensions import connection as Connection

from include.contracts.ratio_batch import RatioBatch
from include.stores.binary_copy import framed
from include.stores.ratio_rows import BESIDE, KEY, Observation, as_copy, as_json

_STAGE = "CREATE TEMPORARY TABLE staged_ratios (LIKE financial_ratios INCLUDING DEFAULTS) ON COMMIT DROP"

_GIVEN = (
    "symbol text, period_type text, period_end date, run_id text, observed_at timestamptz, price_at timestamptz, "
    "statuses jsonb, provenance jsonb, numbers float8[]"
)


class RatioTable:
    """Upserts batches whose ratios are ``ratios``, the names of the table's ratio columns."""

    def __init__(self, ratios: Sequence[str]) -> None:
        self._ratios = tuple(ratios)
        names = ", ".join(KEY + BESIDE + self._ratios)
        numbers = ", ".join(f"numbers[{place}]" for place in range(1, len(self._ratios) + 1))
        replaced = ", ".join(f"{name} = EXCLUDED.{name}" for name in BESIDE + self._ratios)
        on_conflict = (
            f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {replaced} WHERE held.observed_at <= EXCLUDED.observed_at"
        )
        insert = f"INSERT INTO financial_ratios AS held ({names}) SELECT"
        # One JSON parameter instead of a hundred per row: twice as fast as execute_values.
        given = f"{', '.join(KEY + BESIDE)}, {numbers} FROM json_to_recordset(%s) AS given({_GIVEN})"
        self._upsert = f"{insert} {given} {on_conflict}"
        self._merge = f"{insert} {names} FROM staged_ratios {on_conflict}".encode()
        self._copy = f"COPY staged_ratios ({names}) FROM STDIN (FORMAT BINARY)".encode()

    def upsert(self, connection: Connection, batch: RatioBatch, seen: Sequence[Observation]) -> None:
        """Write the rows of one stock in the caller's transaction; ``seen`` has an observation per row."""
        self._check(batch)
        if batch.keys:
            with connection.cursor() as cursor:
                cursor.execute(self._upsert, (as_json(batch, seen),))

    def copy(
        self, connection: psycopg.Connection[Any], batches: Iterable[tuple[RatioBatch, Sequence[Observation]]]
    ) -> None:
        """Write many rows, of distinct symbols and periods, by one binary COPY and one merge.

        More than ten times as fast as execute_values; in a transaction of its own on a psycopg 3 connection.
        """
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(_STAGE)
            with cursor.copy(self._copy) as copy:
                for piece in framed(self._tuples(batches)):
                    copy.write(piece)
            cursor.execute(self._merge)

    def _tuples(self, batches: Iterable[tuple[RatioBatch, Sequence[Observation]]]) -> Iterator[bytes]:
        for batch, seen in batches:
            self._check(batch)
            yield from as_copy(batch, seen)

    def _check(self, batch: RatioBatch) -> None:
        if batch.names != self._ratios:
            raise ValueError("the batch has other ratios than the table, or the same in another order")
