"""What Alpaca's stream and history say, by the vendor's own names; as ticks, and as corrections of ticks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from include.contracts.corrections import TickCorrection, identify_correction
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
    u: str | None = None  # history alone says what became of a trade

    @property
    def taken_back(self) -> bool:
        """Whether the trade stands no more: it was cancelled, or corrected by another one."""
        return self.u in ("canceled", "cancelled", "incorrect")


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


class Cancel(msgspec.Struct, kw_only=True, tag="x", tag_field="T"):
    """Trade ``i`` of symbol ``S`` is taken back: cancelled (``a`` is C) or sent in error (E)."""

    S: str
    i: int | str
    p: float
    t: datetime
    s: float | None = None
    x: str | None = None


class Correction(msgspec.Struct, kw_only=True, tag="c", tag_field="T"):
    """Trade ``oi`` of symbol ``S`` was told wrongly: it is trade ``ci`` now; the other letters as in a trade."""

    S: str
    oi: int | str
    op: float
    ci: int | str
    cp: float
    t: datetime
    os: float | None = None
    cs: float | None = None
    cc: list[str] | None = None
    x: str | None = None


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


Message = Trade | Quote | Cancel | Correction | Success | Subscription | Error
Control = Success | Subscription | Error


def tick(feed: str, symbol: str, fields: TradeFields | QuoteFields, received_at: datetime) -> Tick:
    """A trade or quote of ``symbol`` as a Tick. Raises Permanent if it has no price or an impossible time."""
    at = _moment(symbol, fields.t, received_at)
    _check_words(symbol, (getattr(fields, "x", None) or "", *(fields.c or ())))
    return _trade(feed, symbol, fields, at) if isinstance(fields, TradeFields) else _quote(feed, symbol, fields, at)


def correction(feed: str, said: Cancel | Correction, received_at: datetime) -> TickCorrection:
    """What the stream took back. Raises Permanent if it has no price or an impossible time."""
    at = _moment(said.S, said.t, received_at)
    if isinstance(said, Cancel):
        _check_words(said.S, (said.x or "", str(said.i)))
        size = amount("s", said.s)
        found = _took_back(feed, said.S, str(said.i), positive("p", said.p), size, said.x, told_at=at)
    else:
        _check_words(said.S, (said.x or "", str(said.oi), str(said.ci), *(said.cc or ())))
        size = amount("os", said.os)
        old = _took_back(feed, said.S, str(said.oi), positive("op", said.op), size, said.x, told_at=at)
        found = msgspec.structs.replace(
            old,
            new_trade=str(said.ci),
            new_price=positive("cp", said.cp),
            new_size=amount("cs", said.cs),
            new_conditions=tuple(said.cc or ()),
        )
    return identify_correction(found)


def taken_back(feed: str, symbol: str, trade: TradeFields, received_at: datetime) -> TickCorrection:
    """A trade of the history that stands no more. Raises as ``tick``."""
    at = _moment(symbol, trade.t, received_at)
    _check_words(symbol, (trade.x or "", str(trade.i)))
    size, number = amount("s", trade.s), "" if trade.i is None else str(trade.i)
    found = _took_back(feed, symbol, number, positive("p", trade.p), size, trade.x, told_at=received_at)
    return identify_correction(msgspec.structs.replace(found, ticked_at=at))


def _took_back(
    feed: str, symbol: str, trade: str, price: float, size: float | None, exchange: str | None, *, told_at: datetime
) -> TickCorrection:
    return TickCorrection(
        correction_id="",
        feed=feed,
        symbol=symbol,
        trade=trade,
        price=price,
        size=size,
        exchange=exchange,
        told_at=told_at,
    )


def _moment(symbol: str, said: datetime, received_at: datetime) -> datetime:
    at = said if said.tzinfo else said.replace(tzinfo=UTC)
    if at > received_at + _CLOCK_TOLERANCE:
        raise Permanent(f"t of {symbol} is {at.isoformat()}, which has not come yet")
    return at


def _check_words(symbol: str, words: Sequence[str]) -> None:
    if not all(map(str.isprintable, (symbol, *words))):
        raise Permanent(f"a tick of {symbol!r} holds characters that no table takes")


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
