"""A copy of a stream's ticks in files, written beside Kafka: whatever happens to it, the stream goes on.

Ticks are handed over before they are sent, and a thread of its own brings them to the disk, many in one go. What the
disk does not take waits, in memory and bounded; what finds no room any more is missing in the backup and counted.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from types import TracebackType
from typing import Self

from include.contracts.prices import Tick
from include.errors import StocksError, Transient
from include.stores.base import Store
from include.workers.feed_counts import FeedCounts

log = logging.getLogger(__name__)

_MOST_WAITING = 50_000
_LARGEST_BATCH = 5_000
_AGAIN_S = 1.0
_FAREWELL_S = 4.0  # after the 20 s that the stream itself may take, and before the supervisor kills


class Backup:
    """Writes ticks into ``store``, a moment after they are taken; entered, it runs, and left, it writes the rest.

    ``disk_fault`` says why nothing may be written now (a nearly full disk), or None. No more than ``most_waiting``
    ticks wait.
    """

    def __init__(
        self,
        store: Store[Tick],
        counts: FeedCounts,
        disk_fault: Callable[[], str | None],
        *,
        most_waiting: int = _MOST_WAITING,
    ) -> None:
        self._store = store
        self._counts = counts
        self._disk_fault = disk_fault
        self._most_waiting = most_waiting
        self._waiting: deque[Tick] = deque()
        self._changed = threading.Condition()
        self._ending = False
        self._why: str | None = None
        self._missing = 0
        self._thread = threading.Thread(target=self._run, name="backup", daemon=True)

    @property
    def fault(self) -> str | None:
        """What is wrong with the backup, for people, or None."""
        why = self._why or ("" if self._thread.is_alive() or self._ending else "its thread has ended")
        missing = f"{self._missing} ticks are missing in it" if self._missing else ""
        said = ", ".join(part for part in (why, missing) if part)
        return f"backup: {said}" if said else None

    def take(self, ticks: Sequence[Tick]) -> None:
        """Have ``ticks`` written. Never waits and never fails."""
        with self._changed:
            room = max(0, self._most_waiting - len(self._waiting))
            self._waiting.extend(ticks[:room])
            self._changed.notify_all()
        self._miss(len(ticks) - room)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join(_FAREWELL_S)
        if self._waiting:
            log.warning("%d ticks are not in the backup: %s", len(self._waiting), self._why or "there was no time left")
        if not self._thread.is_alive():
            self._store.close()

    def _run(self) -> None:
        while batch := self._next():
            if self._written(batch):
                self._forget(len(batch))
            elif not self._may_try_again():
                return

    def _next(self) -> list[Tick]:
        """What is to be written next, once there is something; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ending)
            return list(islice(self._waiting, _LARGEST_BATCH))

    def _forget(self, number: int) -> None:
        with self._changed:
            for _ in range(number):
                self._waiting.popleft()

    def _may_try_again(self) -> bool:
        """Whether there is time for another try; a disk that refuses at the end is not asked twice."""
        with self._changed:
            return not self._changed.wait_for(lambda: self._ending, _AGAIN_S)

    def _written(self, batch: list[Tick]) -> bool:
        try:
            if fault := self._disk_fault():
                raise Transient(fault)
            written = self._store.write(batch)
        except (StocksError, OSError) as error:
            if str(error) != self._why:
                log.warning("the backup waits: %s", error)
            self._why = str(error)
            return False
        if self._why is not None:
            log.info("the backup goes on")
            self._why = None
        for refusal in written.refused:
            log.warning("a tick of %s is not in the backup: %s", batch[refusal.position].symbol, refusal.why)
        self._counts.count_backed_up(written.new)
        self._miss(len(written.refused))
        return True

    def _miss(self, number: int) -> None:
        if number > 0:
            with self._changed:
                self._missing += number
            self._counts.count_not_backed_up(number)
