"""The offsets of one assigned partition, from the first unfinished task on.

Tasks finish in any order; an offset is committed only when every task before it is finished.
"""

from __future__ import annotations

import threading


class Window:
    """One assignment of one partition. The poll thread takes, any thread finishes.

    A partition that is lost and comes back gets a new window: what was taken under the old one and
    finishes late changes nothing.
    """

    def __init__(self, topic: str, partition: int) -> None:
        self.topic = topic
        self.partition = partition
        self._lock = threading.Lock()
        self._finished: dict[int, bool] = {}  # in the order of the offsets
        self._next: int | None = None
        self._committed: int | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the partition was taken away: its tasks are somebody else's now."""
        return self._closed

    @property
    def uncommittable(self) -> int:
        """How many tasks were taken that cannot be committed: unfinished, or finished after an unfinished one."""
        return len(self._finished)

    def take(self, offset: int) -> None:
        """A task was read from the topic."""
        with self._lock:
            self._finished[offset] = False
            if self._next is None:
                self._next = offset

    def finish(self, offset: int) -> None:
        """The task's report is acknowledged by the broker."""
        with self._lock:
            if offset not in self._finished:
                return
            self._finished[offset] = True
            while self._finished and self._finished[first := next(iter(self._finished))]:
                del self._finished[first]
                self._next = first + 1

    @property
    def next_offset(self) -> int | None:
        """The first unfinished offset; None before the first task."""
        return self._next

    def committable(self) -> int | None:
        """The offset to commit, the first unfinished one; None if that is committed already."""
        with self._lock:
            return self._next if self._next != self._committed and not self._closed else None

    def committed(self, offset: int) -> None:
        """The broker has ``offset`` on record."""
        with self._lock:
            self._committed = offset

    def close(self) -> None:
        """The partition was taken away, or the worker stops."""
        self._closed = True
