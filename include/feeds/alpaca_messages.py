"""What Alpaca's stream and history say, by the vendor's own names, and as ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from include.contracts.prices import Tick, identify_tick
from include.errors import Permanent
from include.feeds.reading import amount, positive

_CLOCK_TOLERANCE = timedelta(days=1)


class TradeFields(msgspec.Struct, kw_only=True):
    """A trade by the vendor's names: price, time, size, id, exchange, conditions."""

    p: float
    t: datetime
    s: float | None = None
    i: int | str | None = None
    x: str | None = None
    c: list[str] | None = None


class QuoteFields(msgspec.Struct, kw_only=True, rename={"ask_size": "as"}):
    """A best quote by the vendor's names: time, bid and ask price and size, conditions."""

    t: datetime
    bp: float | None = None
    bs: float | None = None
    ap: float | None = None
    ask_size: float | None = None
    c: list[str] | None = None


class Trade(TradeFields, kw_only=True, tag="t", tag_field="T"):
    """A trade of symbol ``S`` on the stream."""

    S: str


class Quote(QuoteFields, kw_only=True, tag="q", tag_field="T", rename={"ask_size": "as"}):
    """A best quote of symbol ``S`` on the stream."""

    S: str


class Success(msgspec.Struct, tag="success", tag_field="T"):
    """``connected``, then ``authenticated``."""

    msg: str = ""


class Subscription(msgspec.Struct, tag="subscription", tag_field="T"):
    """Everything that is subscribed to now."""

    trades: list[str] = []
    quotes: list[str] = []


class Error(msgspec.Struct, tag="error", tag_field="T"):
    """What the vendor refuses, by number."""

    code: int = 0
    msg: str = ""


Message = Trade | Quote | Success | Subscription | Error
Control = Success | Subscription | Error


def tick(feed: str, symbol: str, fields: TradeFields | QuoteFields, received_at: datetime) -> Tick:
    """A trade or quote of ``symbol`` as a Tick. Raises Permanent if it has no price or an impossible time."""
    at = fields.t if fields.t.tzinfo else fields.t.replace(tzinfo=UTC)
    if at > received_at + _CLOCK_TOLERANCE:
        raise Permanent(f"t of {symbol} is {at.isoformat()}, which has not come yet")
    if not all(map(str.isprintable, (symbol, getattr(fields, "x", None) or "", *(fields.c or ())))):
        raise Permanent(f"a tick of {symbol!r} holds characters that no table takes")
    return _trade(feed, symbol, fields, at) if isinstance(fields, TradeFields) else _quote(feed, symbol, fields, at)


def _trade(feed: str, symbol: str, trade: TradeFields, at: datetime) -> Tick:
    found = Tick(
        schema_version=1,
        tick_id=0,
        feed=feed,
        symbol=symbol,
        kind="trade",
        ticked_at=at,
        price=positive(f"p of {symbol}", trade.p),
        size=amount(f"s of {symbol}", trade.s),
        exchange=trade.x,
        conditions=tuple(trade.c or ()),
    )
    return identify_tick(found, "" if trade.i is None else str(trade.i))


def _quote(feed: str, symbol: str, quote: QuoteFields, at: datetime) -> Tick:
    # A side without an offer is a zero: one side alone is the price then.
    sides = [side for side in (amount("bp", quote.bp), amount("ap", quote.ap)) if side]
    found = Tick(
        schema_version=1,
        tick_id=0,
        feed=feed,
        symbol=symbol,
        kind="quote",
        ticked_at=at,
        price=positive(f"bp and ap of {symbol}", sum(sides) / len(sides) if sides else None),
        bid=amount("bp", quote.bp) or None,
        bid_size=amount("bs", quote.bs),
        ask=amount("ap", quote.ap) or None,
        ask_size=amount("as", quote.ask_size),
        conditions=tuple(quote.c or ()),
    )
    return identify_tick(found)
