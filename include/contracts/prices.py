"""What the feeds send: prices, trading assets, ticks, and the movements found in them.

Every message has a row key that is derived from what was observed, never from when it was read or
sent: the same observation twice is one row in every store.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from include.contracts.identity import movement_id, price_id, tick_id

TickKind = Literal["trade", "quote"]

# Held where a message is read: no reader meets a price below nothing, or a trade that takes volume away.
Money = Annotated[float, msgspec.Meta(gt=0)]
Amount = Annotated[float, msgspec.Meta(ge=0)]


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """One symbol's price as a polled vendor gave it; ``None`` is "the vendor did not say", never zero.

    ``price`` and its companions are per share in ``currency`` (ISO 4217). ``price_at`` is the moment
    that the vendor says the price is of (the start of ``latest trading day`` in UTC where it gives
    only a day), ``observed_at`` when we were told. The row key is ``price_id``.
    """

    price_id: str
    source: str
    symbol: str
    price: Money
    price_at: datetime
    observed_at: datetime
    currency: str | None = None
    open: Amount | None = None
    high: Amount | None = None
    low: Amount | None = None
    previous_close: Amount | None = None
    volume: Amount | None = None
    vwap: Amount | None = None
    trades: int | None = None
    name: str | None = None
    market_cap: Amount | None = None
    schema_version: Literal[1] = 1

    @property
    def key(self) -> str:
        """The symbol: the prices of one stock stay in order."""
        return self.symbol


class TradingAsset(msgspec.Struct, frozen=True, kw_only=True):
    """A Brazilian stock, fund or ETF as Brapi quotes it, in BRL; the row key is (ticker, updated_at)."""

    ticker: str
    name: str | None
    short_name: str | None
    price: Money
    volume: Amount | None
    updated_at: datetime
    schema_version: Literal[1] = 1

    @property
    def key(self) -> str:
        """The ticker."""
        return self.ticker


# None is ever part of a cycle, and there are millions of them: hence gc=False.
class Tick(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One trade, or one change of the best quote; the row key is (ticked_at, symbol, tick_id).

    ``price`` is the trade's, or the middle of the quote. ``tick_id`` is derived from the content, so
    a tick that a backfill brings again is the same row. ``size`` is in shares or coins. What a tick does not
    have is not written: there are millions of them.
    """

    schema_version: Literal[1]
    tick_id: int
    feed: str
    symbol: str
    kind: TickKind
    ticked_at: datetime
    price: Money
    size: Amount | None = None
    bid: Amount | None = None
    bid_size: Amount | None = None
    ask: Amount | None = None
    ask_size: Amount | None = None
    exchange: str | None = None
    conditions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The symbol."""
        return self.symbol


class PriceMovement(msgspec.Struct, frozen=True, kw_only=True):
    """A symbol's price moved by ``percent`` (signed) within ``window_s`` seconds; the row key is ``movement_id``."""

    movement_id: str
    source: str
    symbol: str
    window_s: float
    percent: float
    price_before: float
    price_after: float
    moved_from_at: datetime
    moved_to_at: datetime
    schema_version: Literal[1] = 1

    @property
    def key(self) -> str:
        """The symbol."""
        return self.symbol


FeedMessage = Price | TradingAsset | Tick


def identify_price(price: Price) -> Price:
    """``price`` with the id that its content gives it."""
    found = price_id(price.source, price.symbol, price.price_at, price.price, price.volume)
    return msgspec.structs.replace(price, price_id=found)


def identify_tick(tick: Tick, trade: str = "") -> Tick:
    """``tick`` with the id that its content and the vendor's own ``trade`` id give it."""
    amounts = (tick.price, tick.size, tick.bid, tick.bid_size, tick.ask, tick.ask_size)
    found = tick_id(tick.feed, tick.symbol, tick.kind, tick.ticked_at, amounts, trade)
    return msgspec.structs.replace(tick, tick_id=found)


def identify_movement(movement: PriceMovement) -> PriceMovement:
    """``movement`` with the id of what moved, over which window, until when."""
    found = movement_id(movement.source, movement.symbol, movement.window_s, movement.moved_to_at)
    return msgspec.structs.replace(movement, movement_id=found)
