"""One quota per source and key, shared by all processes through PostgreSQL.

Tokens are leased for as many threads as wait at that moment and stay good for one slot of the
shortest window, so a process that dies takes at most those with it. Where nothing limits, a request
costs no question: only whether the source is paused is looked up, once a second per process.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from include.errors import Transient
from include.transport import limits as windows
from include.transport import pauses
from include.transport.limits import Limit, Usage, WindowState

_LOOK_AGAIN_S = 1.0

Transaction = Callable[[], AbstractContextManager[Any]]


def fingerprint(key: str) -> str:
    """What is kept of a key: enough to tell two apart, and nothing of the key."""
    return hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


class Quota:
    """A source's budget under one key; thread-safe, one per process.

    ``transaction`` opens a psycopg2 connection for one transaction (``Database.transaction``);
    ``key`` tells budgets of one source apart and is kept only as a hash.
    """

    def __init__(self, transaction: Transaction, source: str, limits: tuple[Limit, ...] = (), *, key: str = "") -> None:
        self.source = source
        self._transaction = transaction
        self._limits = limits
        self._key_hash = fingerprint(key)
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._answers = 0  # since the last pause that this process saw begin
        self._leased = 0
        self._lease_ends = 0.0  # monotonic, as are the next two
        self._open_until = 0.0  # until then nobody looks whether the source is paused
        self._shut_until = 0.0  # until then nobody asks for a lease

    def take(self, wait: Callable[[float], bool]) -> None:
        """Draw one request, waiting as long as it takes.

        ``wait`` sleeps that many seconds and says whether to give up (``threading.Event.wait``).
        Raises Transient when it says so, or when PostgreSQL does not answer.
        """
        while delay := self.try_take():
            if wait(delay):
                raise Transient(f"asked to stop while waiting for the quota of {self.source}")

    def try_take(self) -> float:
        """Draw one request: 0 if it may go now, else the seconds to wait before asking again. Raises Transient."""
        with self._counting:
            self._waiting += 1
        try:
            with self._turn:
                return self._draw()
        finally:
            with self._counting:
                self._waiting -= 1

    def paused_s(self) -> float:
        """Seconds until the source may be asked again; 0 if it is not paused. Raises Transient."""
        with self._transaction() as connection:
            return pauses.remaining_s(connection, self.source, self._key_hash)

    def wait_open(self, wait: Callable[[float], bool]) -> None:
        """Wait while the source is paused, drawing nothing. Raises Transient as ``take``."""
        while delay := self._pause_or_none():
            if wait(delay):
                raise Transient(f"asked to stop while {self.source} is paused")

    def answered(self) -> None:
        """Tell that the source has answered: what it refuses now and then is not refused to everybody."""
        with self._counting:
            self._answers += 1

    @property
    def answers_others(self) -> bool:
        """Whether the source has answered so much since its last pause that a refusal is not everybody's."""
        return self._answers >= pauses.ENOUGH_ANSWERS

    def pause(self, seconds: float | None = None) -> float:
        """Let nobody ask the source for ``seconds``; returns the seconds. Raises Transient.

        None is for a refusal that names no time: a second at first, twice that at every further
        refusal, up to five minutes, and a second again once the source has answered for a while.
        Refusals of requests that were already under way count as one.
        """
        with self._counting:
            answers, self._answers = self._answers, 0
        with self._transaction() as connection:
            paused = pauses.pause(connection, self.source, self._key_hash, seconds, answers)
        with self._turn:
            self._open_until = 0.0
            self._leased = 0
        return paused

    def state(self) -> list[WindowState]:
        """What is left of every window now. Raises Transient."""
        with self._transaction() as connection, connection.cursor() as cursor:
            now, usages = _read(cursor, self.source, self._key_hash, "")
        return [windows.window_state(limit, usages.get(limit.window_s, Usage(0)), now) for limit in self._limits]

    def _draw(self) -> float:
        """One token of the lease, or of a new one; called by one thread at a time."""
        if delay := self._paused():
            return delay
        if not self._limits:
            return 0.0
        now = time.monotonic()
        if now < self._shut_until:
            return self._shut_until - now
        if not self._leased or now >= self._lease_ends:
            self._leased, delay = self._lease(self._waiting)
            if not self._leased:
                return self._shut(delay)
        self._leased -= 1
        return 0.0

    def _pause_or_none(self) -> float:
        with self._turn:
            return self._paused()

    def _paused(self) -> float:
        now = time.monotonic()
        if now < self._open_until:
            return 0.0
        if now < self._shut_until:
            return self._shut_until - now
        if delay := self.paused_s():
            return self._shut(delay)
        self._open_until = now + _LOOK_AGAIN_S
        return 0.0

    def _shut(self, delay: float) -> float:
        """Ask no more for ``delay`` seconds, or until it is time to see whether that has changed."""
        delay = min(max(delay, 0.001), _LOOK_AGAIN_S)
        self._shut_until = time.monotonic() + delay
        return delay

    def _lease(self, wanted: int) -> tuple[int, float]:
        """-> (tokens granted, seconds to wait if none)."""
        asked_at = time.monotonic()
        with self._transaction() as connection, connection.cursor() as cursor:
            cursor.execute(_ENSURE, [self.source, self._key_hash, [limit.window_s for limit in self._limits]])
            now, usages = _read(cursor, self.source, self._key_hash, "FOR UPDATE")
            granted = min(wanted, *(windows.left(limit, usages[limit.window_s], now) for limit in self._limits))
            for limit in self._limits:
                after = windows.spend(limit, usages[limit.window_s], now, granted)
                cursor.execute(
                    _WRITE,
                    [limit.allowed, after.newest, list(after.counts), self.source, self._key_hash, limit.window_s],
                )
        # Counted from before the question, so the lease ends no later than the database thinks.
        self._lease_ends = asked_at + min(limit.slot_s for limit in self._limits)
        return granted, max(windows.wait_s(limit, usages[limit.window_s], now) for limit in self._limits)


_ENSURE = """
INSERT INTO quotas (source, key_hash, window_s) SELECT %s, %s, unnest(%s::double precision[])
ON CONFLICT DO NOTHING
"""
_READ = """
SELECT window_s, newest_slot, used FROM quotas WHERE source = %s AND key_hash = %s ORDER BY window_s
"""
_WRITE = """
UPDATE quotas SET allowed = %s, newest_slot = %s, used = %s WHERE source = %s AND key_hash = %s AND window_s = %s
"""


def _read(cursor: Any, source: str, key_hash: str, lock: str) -> tuple[float, dict[float, Usage]]:
    """-> (the database's clock, which all processes share; usage by window)."""
    cursor.execute(_READ + lock, [source, key_hash])
    usages = {window_s: Usage(newest, tuple(used)) for window_s, newest, used in cursor.fetchall()}
    cursor.execute("SELECT extract(epoch FROM clock_timestamp())::double precision")
    return cursor.fetchone()[0], usages
