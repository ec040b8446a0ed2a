"""When a price has moved: pure, in the vendor's own time.

A price has moved when it is ``percent`` or more above the lowest, or below the highest, of the last
``window_s`` seconds. The movement is told once: the window then starts again with that price, so the
next one must be as large again, from there or from an extreme after it. Nothing is told within a
tenth of the window after a movement, so a price that jumps to and fro is told of ten times per
window at most; what moved meanwhile is told afterwards.

A price that is older than one that was seen is late and changes nothing. A window is kept as sixty
buckets with their extremes: memory is bounded, no movement that took longer than the window is told, and one that
took between 59/60 and all of it may be missed.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

BUCKETS = 60
_QUIET_SHARE = 0.1
# 101.0 is two percent above 99.01960784313725 for everybody but floating point.
_TOLERANCE = 1e-9


class Rule(msgspec.Struct, frozen=True):
    """How much is a movement, and within which time."""

    percent: float
    window_s: float


class Point(msgspec.Struct, frozen=True):
    """A price at a moment, and the offset of the message that told it."""

    at: datetime
    price: float
    offset: int


class Moved(msgspec.Struct, frozen=True):
    """From ``before`` to ``after``, by ``percent`` (signed)."""

    before: Point
    after: Point
    percent: float


class _Bucket(msgspec.Struct):
    number: int
    first_offset: int
    low: Point
    high: Point


class Window:
    """The last prices of one symbol of one source."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._bucket_s = rule.window_s / BUCKETS
        self._quiet = timedelta(seconds=rule.window_s * _QUIET_SHARE)
        self._buckets: deque[_Bucket] = deque()
        self._low: Point | None = None
        self._high: Point | None = None
        self._told_at: datetime | None = None
        self.newest_at: datetime | None = None

    @property
    def first_offset(self) -> int | None:
        """The offset of the first message that this window still knows of; None when it knows none."""
        return self._buckets[0].first_offset if self._buckets else None

    def observe(self, point: Point) -> Moved | None:
        """A price has come; -> the movement that it completes, if any."""
        if not self._arrive(point):
            return None
        moved = self._moved(point)
        if moved is not None:
            self._start_again(point)
        self._add(point)
        return moved

    def remember(self, point: Point, *, told: bool) -> None:
        """A price that was observed before comes again; ``told`` when it had completed a movement then."""
        if self._arrive(point):
            if told:
                self._start_again(point)
            self._add(point)

    def _arrive(self, point: Point) -> bool:
        """Make room for it; -> whether it is not late."""
        if self.newest_at is not None and point.at < self.newest_at:
            return False
        self.newest_at = point.at
        oldest_kept = self._number(point) - BUCKETS + 1
        gone = False
        while self._buckets and self._buckets[0].number < oldest_kept:
            self._buckets.popleft()
            gone = True
        if gone:
            self._low = _lowest(b.low for b in self._buckets)
            self._high = _highest(b.high for b in self._buckets)
        return True

    def _moved(self, point: Point) -> Moved | None:
        if self._low is None or self._high is None:
            return None
        if self._told_at is not None and point.at - self._told_at < self._quiet:
            return None
        rise = _percent(self._low.price, point.price)
        fall = _percent(self._high.price, point.price)
        before, percent = (self._low, rise) if rise >= -fall else (self._high, fall)
        enough = abs(percent) >= self._rule.percent - _TOLERANCE
        return Moved(before, point, percent) if enough and math.isfinite(percent) else None

    def _start_again(self, point: Point) -> None:
        self._buckets.clear()
        self._low = self._high = None
        self._told_at = point.at

    def _add(self, point: Point) -> None:
        number = self._number(point)
        if not self._buckets or self._buckets[-1].number != number:
            self._buckets.append(_Bucket(number, point.offset, point, point))
        bucket = self._buckets[-1]
        if point.price < bucket.low.price:
            bucket.low = point
        if point.price > bucket.high.price:
            bucket.high = point
        if self._low is None or point.price < self._low.price:
            self._low = point
        if self._high is None or point.price > self._high.price:
            self._high = point

    def _number(self, point: Point) -> int:
        return int(point.at.timestamp() // self._bucket_s)


def _percent(before: float, after: float) -> float:
    return (after - before) / before * 100


def _lowest(points: Iterable[Point]) -> Point | None:
    return min(points, key=lambda p: p.price, default=None)


def _highest(points: Iterable[Point]) -> Point | None:
    return max(points, key=lambda p: p.price, default=None)
