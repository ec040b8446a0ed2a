"""What a vendor said that stays true for hours: a cache with a time to live that survives restarts.

One SQLite file, shared by all processes of the machine. It is only a cache: a file that is no
database is moved aside and begun anew, one that cannot be opened is done without; both say so.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, expires_at REAL NOT NULL, PRIMARY KEY (space, key)
) WITHOUT ROWID
"""
_FIND = "SELECT value FROM entries WHERE space = ? AND key = ? AND expires_at > ?"
_KEEP = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM entries WHERE expires_at <= ?"


class Cache(Generic[T]):
    """Values of one ``kind`` by text key, each for ``ttl_s`` seconds; thread-safe.

    ``clock`` gives seconds since the epoch.
    """

    def __init__(
        self, path: Path, space: str, kind: type[T], ttl_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._space = space
        self._kind = kind
        self._ttl_s = ttl_s
        self._clock = clock
        self._prepare()

    def find(self, key: str) -> T | None:
        """The value under ``key``; None if there is none, or it is too old, or of an older shape."""
        rows = self._run([(_FIND, (self._space, key, self._clock()))])
        try:
            return msgspec.json.decode(rows[0][0], type=self._kind) if rows else None
        except msgspec.DecodeError:
            return None

    def keep(self, key: str, value: T) -> None:
        """Remember ``value`` for the time to live."""
        now = self._clock()
        row = (self._space, key, msgspec.json.encode(value), now + self._ttl_s)
        self._run([(_FORGET, (now,)), (_KEEP, row)])

    def _prepare(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(self._connect()) as database:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute(_SCHEMA)
        except sqlite3.OperationalError as error:
            log.warning("the cache %s is not available, every answer is asked for anew: %s", self._path, error)
        except sqlite3.DatabaseError as error:
            aside = self._path.with_suffix(".broken")
            log.warning("%s is no cache (%s); it was moved to %s and is begun anew", self._path, error, aside)
            self._path.replace(aside)
            self._prepare()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=5)

    def _run(self, statements: Iterable[tuple[str, tuple[object, ...]]]) -> list[tuple[bytes]]:
        """The rows of the last of ``statements``, run in one transaction; none when the file cannot be used."""
        rows: list[tuple[bytes]] = []
        try:
            with closing(self._connect()) as database, database:
                for statement, arguments in statements:
                    rows = database.execute(statement, arguments).fetchall()
        except sqlite3.Error as error:
            log.warning("the cache %s could not be used: %s", self._path, error)
        return rows
