"""The windows of one partition: what was seen, how far, and from where on it would have to be read again.

The offset of the first message that any window still knows of is committed beside the position, as its
metadata. Whoever takes the partition over reads from there: up to the position it only remembers,
with the movements that were told (``Told``) in their places, and so has the very same windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from include.contracts.prices import PriceMovement, identify_movement
from include.workers.movements_reading import READERS, Observation, observed
from include.workers.movements_window import Moved, Point, Rule, Window

Told = frozenset[tuple[str, str, datetime, float]]
"""Source, symbol, moment and price of the movements that were told."""

NOTHING: Told = frozenset()


class Partition:
    """Observes the messages of a partition in their order; those before ``begins_at`` were observed before.

    ``told`` are the movements that were told of by these; it must be known before the first of them is observed.
    """

    def __init__(self, topic: str, rules: Mapping[str, Rule], begins_at: int = 0) -> None:
        self._topic = topic
        self._rule = rules[READERS[topic][0]]
        self._begins_at = begins_at
        self._windows: dict[tuple[str, str], Window] = {}
        self._newest_at: datetime | None = None
        self._position: int | None = None
        self.told: Told | None = None

    @property
    def symbols(self) -> int:
        """How many windows there are."""
        return len(self._windows)

    def repeats(self, offset: int) -> bool:
        """Whether the message at ``offset`` was observed before."""
        return offset < self._begins_at

    def observe(self, offset: int, sent_at: datetime, value: bytes | None) -> PriceMovement | None:
        """The next message; -> the movement that it completes, if that is new."""
        seen = observed(self._topic, value, sent_at)
        if seen is None:
            return None
        newest = min(seen.at, sent_at)  # a clock that is ahead makes no window old
        self._newest_at = max(self._newest_at or newest, newest)
        key = (seen.source, seen.symbol)
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = Window(self._rule)
        point = Point(seen.at, seen.price, offset)
        if self.repeats(offset):
            window.remember(point, told=(seen.source, seen.symbol, seen.at, seen.price) in (self.told or NOTHING))
            return None
        moved = window.observe(point)
        return None if moved is None else self._movement(seen, moved)

    def done(self, offset: int) -> None:
        """What came of the message at ``offset`` is acknowledged."""
        if not self.repeats(offset):
            self._position = offset + 1

    def committable(self) -> tuple[int, int] | None:
        """The position, and the offset from which on its windows can be built again; None before the first new message.

        Windows in which no movement can be completed any more are forgotten on the way.
        """
        if self._position is None:
            return None
        self._forget()
        offsets = [offset for window in self._windows.values() if (offset := window.first_offset) is not None]
        return self._position, min([self._position, *offsets])

    def _forget(self) -> None:
        if self._newest_at is None:
            return
        oldest = self._newest_at - timedelta(seconds=self._rule.window_s)
        gone = [key for key, window in self._windows.items() if window.newest_at is None or window.newest_at < oldest]
        for key in gone:
            del self._windows[key]

    def _movement(self, seen: Observation, moved: Moved) -> PriceMovement:
        return identify_movement(
            PriceMovement(
                movement_id="",
                source=seen.source,
                symbol=seen.symbol,
                window_s=self._rule.window_s,
                percent=moved.percent,
                price_before=moved.before.price,
                price_after=moved.after.price,
                moved_from_at=moved.before.at,
                moved_to_at=moved.after.at,
            )
        )
