"""What the price topics say, as observations of a price: only what may be the price of a symbol at a moment."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Literal

import msgspec

from include.contracts.conditions import SETS_NO_PRICE
from include.contracts.topics import MARKET_TICKS, STOCK_PRICES, TRADING_ASSETS

Kind = Literal["streamed", "polled"]

_DAY = timedelta(days=1)
# A clock that is this much ahead would hide all prices that come after it as late.
_AHEAD = timedelta(minutes=5)


class Observation(msgspec.Struct, frozen=True):
    """``symbol`` cost ``price`` at ``at``, said ``source``."""

    source: str
    symbol: str
    at: datetime
    price: float


class _Tick(msgspec.Struct):
    """What matters here of a Tick: reading the rest would take most of the time."""

    feed: str
    symbol: str
    kind: str
    ticked_at: datetime
    price: float
    conditions: tuple[str, ...] = ()


class _Price(msgspec.Struct):
    source: str
    symbol: str
    price: float
    price_at: datetime
    observed_at: datetime


class _Asset(msgspec.Struct):
    ticker: str
    price: float
    updated_at: datetime


_tick = msgspec.json.Decoder(_Tick)
_price = msgspec.json.Decoder(_Price)
_asset = msgspec.json.Decoder(_Asset)


def _of_tick(value: bytes) -> Observation | None:
    tick = _tick.decode(value)
    if tick.kind != "trade" or not SETS_NO_PRICE.isdisjoint(tick.conditions):
        return None
    return Observation(tick.feed, tick.symbol, tick.ticked_at, tick.price)


def _of_price(value: bytes) -> Observation:
    price = _price.decode(value)
    at = price.price_at
    if at.tzinfo is not None and at.astimezone(UTC).time() == time():
        # The vendor gave a day: the price is of some moment of it, and of none after we were told.
        at = min(price.observed_at, at + _DAY)
    return Observation(price.source, price.symbol, at, price.price)


def _of_asset(value: bytes) -> Observation:
    asset = _asset.decode(value)
    return Observation("brapi", asset.ticker, asset.updated_at, asset.price)


READERS: dict[str, tuple[Kind, Callable[[bytes], Observation | None]]] = {
    MARKET_TICKS.name: ("streamed", _of_tick),
    STOCK_PRICES.name: ("polled", _of_price),
    TRADING_ASSETS.name: ("polled", _of_asset),
}


def observed(topic: str, value: bytes | None, sent_at: datetime) -> Observation | None:
    """The price that a message tells of, which was sent then; None if it tells of none that could be true.

    A message that cannot be read is left to the sink of its topic, which dead-letters it.
    """
    if value is None:
        return None
    try:
        found = READERS[topic][1](value)
        if found is None or not math.isfinite(found.price) or found.price <= 0 or found.at.tzinfo is None:
            return None
        return found if found.at <= sent_at + _AHEAD else None
    except (msgspec.DecodeError, UnicodeDecodeError, OverflowError, TypeError):
        return None
