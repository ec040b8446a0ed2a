"""What the vendors of prices tell of: a price, a day's bar and a stream of ticks for every symbol.

All of it is a function of seed, symbol and time, so a stream and the history asked for afterwards
agree to the last digit, and a test can say which ticks there were.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

import msgspec

_NEW_YORK = ZoneInfo("America/New_York")
_FRIDAY = 4
_DRIFT_TICKS = 900.0


class Bar(msgspec.Struct, frozen=True):
    """One day of one symbol; ``closes_at`` is when its session ended."""

    closes_at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int


class TapeTick(msgspec.Struct, frozen=True):
    """Tick ``number`` of a symbol: a trade of ``size`` at ``price``, or a quote around it."""

    symbol: str
    number: int
    at_ns: int
    is_trade: bool
    price: float
    size: int

    @property
    def bid(self) -> float:
        """The best bid, a cent below."""
        return round(self.price - 0.01, 2)

    @property
    def ask(self) -> float:
        """The best offer, a cent above."""
        return round(self.price + 0.01, 2)


class Tape:
    """Every symbol trades and quotes in turn, ``per_second`` ticks for each."""

    def __init__(self, seed: int, per_second: float = 4.0) -> None:
        self._seed = seed
        self._every_ns = int(1e9 / per_second)

    def price(self, symbol: str, number: float) -> float:
        """The price at tick ``number``: it wanders around the symbol's own level and often stays."""
        level = 5 + 400 * _chance(self._seed, symbol)
        wave = math.sin(number / _DRIFT_TICKS) + 0.1 * math.sin(number / 7) + 0.02 * _chance(self._seed, symbol, number)
        return max(0.05, round(level * (1 + 0.02 * wave), 2))

    def day(self, symbol: str, day: date) -> Bar:
        """The bar of a session of New York."""
        prices = [self.price(symbol, day.toordinal() * 24_000 + hour * 3_000) for hour in range(8)]
        closes_at = datetime.combine(day, time(16), _NEW_YORK)
        volume = 100_000 + int(9e6 * _chance(self._seed, symbol, day.toordinal()))
        return Bar(closes_at, prices[0], max(prices), min(prices), prices[-1], volume)

    def between(self, symbol: str, since_ns: int, until_ns: int) -> Iterator[TapeTick]:
        """The ticks of a symbol from ``since_ns`` up to, not including, ``until_ns`` (epoch)."""
        phase = int(self._every_ns * _chance(self._seed, symbol, "phase"))
        number = -(-(since_ns - phase) // self._every_ns)
        while (at_ns := phase + number * self._every_ns) < until_ns:
            size = 1 + int(200 * _chance(self._seed, symbol, number, "size"))
            yield TapeTick(symbol, number, at_ns, number % 2 == 0, self.price(symbol, number), size)
            number += 1


def last_session(moment: datetime) -> date:
    """The last weekday whose session in New York was over at ``moment``."""
    local = moment.astimezone(_NEW_YORK)
    day = local.date() if local.time() >= time(16) else local.date() - timedelta(days=1)
    return day - timedelta(days=max(0, day.weekday() - _FRIDAY))


@lru_cache(maxsize=65_536)
def _chance(*parts: object) -> float:
    digest = blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
