"""SQLite: prices in one file, one row per price_id. The table is there before the first message is read."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from include.contracts.prices import Price
from include.errors import ConfigurationError, Transient, Unfit
from include.stores.base import Refusal, Written
from include.stores.keepable import fault

_DAY_S = 24 * 3600
_PRIMARY = 0xFF  # SQLite's extended codes carry the plain one in their lowest byte
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

    ``locked_s`` is how long a write waits for another process. Raises ConfigurationError if the file cannot be made,
    Unfit if it is something else, Transient if another process holds it.
    """

    name = "sqlite"

    def __init__(self, file: Path, *, kept_days: float = 365, locked_s: float = 5) -> None:
        self._file = file
        self._locked_s = locked_s
        self._kept = timedelta(days=kept_days)
        self._tidy_at = 0.0
        self._identity: tuple[int, int] | None = None
        try:
            self._connection = self._open()
        except Transient as error:
            if _is_locked(error.__cause__):
                raise
            raise ConfigurationError(f"{error}. {_EXPECTED}") from error

    def write(self, messages: Sequence[Price]) -> Written:
        """Keep what is not there yet, on the disk when this returns.

        Raises Transient (the file is locked, or its disk is full) or Unfit (the file is damaged).
        """
        with self._explained():
            self._reopen_if_replaced()
            with self._connection:
                return self._insert(messages)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _insert(self, messages: Sequence[Price]) -> Written:
        self._connection.execute("BEGIN IMMEDIATE")
        self._tidy()
        before, refused = self._connection.total_changes, []
        for position, price in enumerate(messages):
            if (why := fault(price)) is not None:
                refused.append(Refusal(position, why))
            else:
                self._connection.execute(_INSERT, _row(price))
        return Written(self._connection.total_changes - before, tuple(refused))

    def _tidy(self) -> None:
        if time.monotonic() >= self._tidy_at:
            self._connection.execute(_OLD, [_text(datetime.now(UTC) - self._kept)])
            self._tidy_at = time.monotonic() + _DAY_S

    def _reopen_if_replaced(self) -> None:
        """What is written into a file that was removed would be lost without a word."""
        if _identity(self._file) != self._identity:
            self._connection.close()
            self._identity = None  # until it is open again
            self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
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
        self._identity = _identity(self._file)
        return connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's failures by what happens next. Raises Transient or Unfit."""
        try:
            yield
        except (OSError, sqlite3.OperationalError) as error:
            raise Transient(f"{self._file} cannot be written: {error}") from error
        except sqlite3.DatabaseError as error:
            raise Unfit(f"{self._file} cannot be used: {error}. Move it away, or name another: {_EXPECTED}") from error


_EXPECTED = "SQLITE_PATH expects: a file in a folder that can be written"


def _is_locked(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


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
