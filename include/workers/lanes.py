"""Tasks side by side, but those of one key in order.

A lane holds the waiting tasks of one key; at most one of them is under way. A slow key therefore
delays its own lane and no other.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection

import msgspec

from include.transport.record import Record
from include.workers.window import Window

LaneKey = tuple[str, int, bytes | int]


class Delivery(msgspec.Struct, frozen=True, eq=False):
    """One message of one assignment."""

    record: Record
    window: Window

    @property
    def lane(self) -> LaneKey:
        """Its key within its partition; a message without a key has a lane of its own."""
        key: bytes | int = self.record.offset if self.record.key is None else self.record.key
        return (self.record.topic, self.record.partition, key)

    @property
    def size(self) -> int:
        """How many bytes it keeps in memory, roughly."""
        return len(self.record.value or b"") + len(self.record.key or b"")


class Lanes:
    """What was taken and is not finished. ``put`` and ``drop`` are the poll thread's, the rest anybody's."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lanes: dict[LaneKey, deque[Delivery]] = {}
        self._ready: deque[LaneKey] = deque()
        self._under_way: set[Delivery] = set()
        self._held = False
        self._bytes = 0
        self._closed = False

    @property
    def runnable(self) -> int:
        """How many tasks could run at once now: those under way, and those at the head of their lane."""
        return len(self._under_way) + len(self._ready)

    @property
    def running(self) -> int:
        """How many tasks are under way."""
        return len(self._under_way)

    @property
    def held_bytes(self) -> int:
        """The bytes of all tasks that wait or are under way."""
        return self._bytes

    def put(self, delivery: Delivery) -> None:
        """Add a task behind those of its key."""
        with self._changed:
            self._bytes += delivery.size
            lane = self._lanes.get(delivery.lane)
            if lane is not None:
                lane.append(delivery)
                return
            self._lanes[delivery.lane] = deque([delivery])
            self._ready.append(delivery.lane)
            self._changed.notify()

    def take(self) -> Delivery | None:
        """The next task to do, waiting for one; None when the lanes are closed. Its lane waits for `done`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._ready and not self._held))
            if self._closed:
                return None
            delivery = self._lanes[self._ready.popleft()].popleft()
            self._under_way.add(delivery)
            return delivery

    def done(self, delivery: Delivery) -> None:
        """The task is no longer under way: the next of its key may run."""
        with self._changed:
            self._under_way.discard(delivery)
            self._bytes -= delivery.size
            if self._lanes[delivery.lane]:
                self._ready.append(delivery.lane)
            else:
                del self._lanes[delivery.lane]
            self._changed.notify_all()

    def drop(self, unwanted: Callable[[Delivery], bool]) -> int:
        """Forget waiting tasks; -> how many. Those under way are not touched."""
        with self._changed:
            ready = set(self._ready)
            dropped = 0
            for key, lane in list(self._lanes.items()):
                kept = deque(d for d in lane if not unwanted(d))
                dropped += len(lane) - len(kept)
                self._bytes -= sum(d.size for d in lane) - sum(d.size for d in kept)
                self._lanes[key] = kept
                if not kept and key in ready:
                    del self._lanes[key]
            self._ready = deque(key for key in self._ready if key in self._lanes)
            return dropped

    def hold(self, held: bool) -> None:
        """Start nothing while ``held``; what is under way goes on."""
        with self._changed:
            if held != self._held:
                self._held = held
                self._changed.notify_all()

    def wait_until_free_of(self, windows: Collection[Window], timeout_s: float) -> bool:
        """Wait until no task of these windows is under way; -> whether that came about in time."""
        with self._changed:
            return self._changed.wait_for(lambda: all(d.window not in windows for d in self._under_way), timeout_s)

    def close(self) -> None:
        """Hand out no more tasks."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
