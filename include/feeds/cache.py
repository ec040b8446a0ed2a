"""What a vendor said that stays true for hours: a cache with a time to live that survives restarts.

One SQLite file, shared by all processes of the machine. It is only a cache: a file that is no
database is moved aside and begun anew, one that cannot be opened is done without; both say so.
"""

from __future__ import annotations

import contextlib
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
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
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
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._create()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._begin_anew(error)
        except (sqlite3.Error, OSError) as error:
            log.warning("the cache %s is not available, every answer is asked for anew: %s", self._path, error)

    def _create(self) -> None:
        with closing(self._connect()) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(_SCHEMA)

    def _begin_anew(self, damage: sqlite3.DatabaseError) -> None:
        aside = self._path.with_suffix(".broken")
        log.warning("%s is no cache (%s); it was moved to %s and is begun anew", self._path, damage, aside)
        # Another process may be doing the same. What the old file's journal holds must not reach the new one.
        with contextlib.suppress(FileNotFoundError):
            self._path.replace(aside)
        for journal in ("-wal", "-shm"):
            self._path.with_name(self._path.name + journal).unlink(missing_ok=True)
        self._create()

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
            self._mend(error)
        return rows

    def _mend(self, error: sqlite3.Error) -> None:
        """Begin anew if the file broke while it was in use; else the next start would find it as broken."""
        try:
            if _is_damage(error):
                self._begin_anew(sqlite3.DatabaseError(*error.args))
        except (sqlite3.Error, OSError) as still:
            log.warning("the cache %s is not available, every answer is asked for anew: %s", self._path, still)


def _is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) in _DAMAGED
