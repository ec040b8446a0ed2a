"""When a market trades: what a silent socket and a monthly budget are judged by.

Pure once built. ``hours_of`` alone loads exchange-calendars (and pandas), when it is called.
"""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

import msgspec

from include.errors import ConfigurationError

_EXACT_ENOUGH = timedelta(milliseconds=1)


class Hours(Protocol):
    """A market's opening hours; all times are aware UTC."""

    def last_open(self, at: datetime) -> datetime:
        """``at`` if the market is open then, else when it last closed."""
        ...

    def next_open(self, at: datetime) -> datetime:
        """``at`` if the market is open then, else when it opens next."""
        ...

    def open_time(self, since: datetime, until: datetime) -> timedelta:
        """For how long the market is open between the two."""
        ...


class AlwaysOpen(msgspec.Struct, frozen=True):
    """A market that never closes (crypto)."""

    def last_open(self, at: datetime) -> datetime:
        return at

    def next_open(self, at: datetime) -> datetime:
        return at

    def open_time(self, since: datetime, until: datetime) -> timedelta:
        return max(until - since, timedelta())


class Sessions(msgspec.Struct, frozen=True):
    """Opening hours as ascending, disjoint pairs of open and close."""

    spans: Sequence[tuple[datetime, datetime]]

    def last_open(self, at: datetime) -> datetime:
        position = self._begun(at)
        if position < 0:
            raise ConfigurationError(f"no trading session is known before {at:%Y-%m-%d}")
        return min(at, self.spans[position][1])

    def next_open(self, at: datetime) -> datetime:
        position = self._begun(at)
        if position >= 0 and at < self.spans[position][1]:
            return at
        if position + 1 >= len(self.spans):
            raise ConfigurationError(f"no trading session is known after {at:%Y-%m-%d}")
        return self.spans[position + 1][0]

    def open_time(self, since: datetime, until: datetime) -> timedelta:
        position = max(0, self._begun(since))
        total = timedelta()
        for opens, closes in self.spans[position:]:
            if opens >= until:
                break
            total += max(min(closes, until) - max(opens, since), timedelta())
        return total

    def _begun(self, at: datetime) -> int:
        """The position of the last session that had begun at ``at``; -1 before the first."""
        return bisect_right(self.spans, at, key=lambda span: span[0]) - 1


def extended(hours: Hours, before: timedelta, after: timedelta) -> Hours:
    """The same sessions, each from ``before`` its open until ``after`` its close."""
    if not isinstance(hours, Sessions):
        return hours
    return Sessions(tuple((opens - before, closes + after) for opens, closes in hours.spans))


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether the market trades at ``at``."""
    return hours.last_open(at) == at


def traded_since(hours: Hours, until: datetime, span: timedelta, earliest: datetime) -> datetime:
    """From when on the market was open for ``span`` before ``until``; ``earliest`` if it was not since then."""
    if hours.open_time(earliest, until) <= span:
        return earliest
    low, high = earliest, until
    while high - low > _EXACT_ENOUGH:  # open_time only falls as its beginning comes nearer
        middle = low + (high - low) / 2
        low, high = (middle, high) if hours.open_time(middle, until) > span else (low, middle)
    return high


def hours_of(calendar: str | None, at: datetime) -> Hours:
    """The hours of an exchange by its ISO 10383 code, good for some months around ``at``; None never closes."""
    return AlwaysOpen() if calendar is None else _exchange_hours(calendar, at.year, at.month)


@lru_cache(maxsize=8)
def _exchange_hours(calendar: str, year: int, month: int) -> Hours:
    import exchange_calendars  # brings pandas: a second that only these feeds need

    start, end = date(year, month, 1) - timedelta(days=30), date(year, month, 1) + timedelta(days=120)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exchange-calendars' own use of pandas
        found = exchange_calendars.get_calendar(calendar, start=start.isoformat(), end=end.isoformat())
        pairs = list(zip(found.opens, found.closes, strict=True))
    return Sessions(tuple((o.to_pydatetime().astimezone(UTC), c.to_pydatetime().astimezone(UTC)) for o, c in pairs))
