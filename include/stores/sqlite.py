"""SQLite: prices in one file, one row per price_id. The table is there before the first message is read."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from include.contracts.prices import Price
from include.errors import ConfigurationError, Transient, Unfit
from include.stores.base import Refusal, Written
from include.stores.keepable import fault

_DAY_S = 24 * 3600
_COLUMNS = tuple(field for field in Price.__struct_fields__ if field != "schema_version")
# Moments are text of one width in UTC, so that they sort, and SQLite's own date functions read them.
_TABLE = """
CREATE TABLE IF NOT EXISTS prices (
    price_id TEXT NOT NULL PRIMARY KEY, source TEXT NOT NULL, symbol TEXT NOT NULL, price REAL NOT NULL,
    price_at TEXT NOT NULL, observed_at TEXT NOT NULL, currency TEXT, open REAL, high REAL, low REAL,
    previous_close REAL, volume REAL, vwap REAL, trades INTEGER, name TEXT, market_cap REAL
)
"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS prices_by_symbol ON prices (symbol, price_at)",
    "CREATE INDEX IF NOT EXISTS prices_by_age ON prices (observed_at)",
)
_INSERT = f"""
INSERT INTO prices ({", ".join(_COLUMNS)}) VALUES ({", ".join("?" * len(_COLUMNS))}) ON CONFLICT (price_id) DO NOTHING
"""  # noqa: S608 - the columns are our own
_OLD = "DELETE FROM prices WHERE observed_at < ?"

Row = tuple[object, ...]


class SqliteStore:
    """Prices in ``file``, each once; those observed more than ``kept_days`` ago are removed once a day.

    ``locked_s`` is how long a write waits for another process. The table is made now; a file that is locked, or is no
    database, says so at the first write. Raises ConfigurationError if there can be no file of that name.
    """

    name = "sqlite"

    def __init__(self, file: Path, *, kept_days: float = 365, locked_s: float = 5) -> None:
        self._file = file
        self._locked_s = locked_s
        self._kept = timedelta(days=kept_days)
        self._tidy_at = 0.0
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch()
        except OSError as error:
            expected = "SQLITE_PATH expects: a file in a folder that can be written"
            raise ConfigurationError(f"{file} cannot be written: {error.strerror}. {expected}") from error
        with suppress(Transient, Unfit):  # said at the first write: nothing else of the process shall wait for it
            self._open()

    def write(self, messages: Sequence[Price]) -> Written:
        """Keep what is not there yet, on the disk when this returns.

        Raises Transient (the file is locked, or its disk is full) or Unfit (it is damaged, or no database).
        """
        with self._explained():
            connection = self._open()
            with connection:
                return self._insert(connection, messages)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _insert(self, connection: sqlite3.Connection, messages: Sequence[Price]) -> Written:
        connection.execute("BEGIN IMMEDIATE")
        if time.monotonic() >= self._tidy_at:
            connection.execute(_OLD, [_text(datetime.now(UTC) - self._kept)])
            self._tidy_at = time.monotonic() + _DAY_S
        before, refused = connection.total_changes, []
        for position, price in enumerate(messages):
            if (why := fault(price)) is not None:
                refused.append(Refusal(position, why))
            else:
                connection.execute(_INSERT, _row(price))
        return Written(connection.total_changes - before, tuple(refused))

    def _open(self) -> sqlite3.Connection:
        """The file as it stands there now: what is written into one that was removed would be lost without a word."""
        if self._connection is not None and _identity(self._file) == self._identity:
            return self._connection
        self.close()
        with self._explained():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self._file, timeout=self._locked_s, isolation_level=None, check_same_thread=False
            )
            try:
                for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _TABLE, *_INDEXES):
                    connection.execute(statement)
            except sqlite3.Error:
                connection.close()
                raise
        self._connection, self._identity = connection, _identity(self._file)
        return connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Failures of SQLite and of the disk by what happens next. Raises Transient or Unfit."""
        try:
            yield
        except (OSError, sqlite3.OperationalError) as error:
            raise Transient(f"{self._file} cannot be written: {error}") from error
        except sqlite3.DatabaseError as error:
            raise Unfit(
                f"{self._file} cannot be used: {error}. Move it away, or name another file: SQLITE_PATH"
            ) from error


def _row(price: Price) -> Row:
    values = (getattr(price, column) for column in _COLUMNS)
    return tuple(_text(value) if isinstance(value, datetime) else value for value in values)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
