"""Polygon (now also Massive): the previous day's bar, and who a ticker is.

``t`` is epoch milliseconds; a ticker without a bar is a 200 without ``results``; what is said when it
refuses is under ``error`` or ``message``, with any status, 200 too.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from include.contracts.prices import Price, identify_price
from include.errors import Permanent, StocksError
from include.feeds.base import Body, PriceQuery, Reading, Request
from include.feeds.reading import amount, convert, moment, name, number, parse, positive, same
from include.feeds.refusals import PlanRefusal, refused, spoken

NAME = "polygon"
_CURRENCY = "USD"
_SUCCESSES = ("OK", "DELAYED")


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a ticker is; ``market_cap`` in ``currency`` (ISO 4217). All None is a ticker nobody knows."""

    name: str | None = None
    market_cap: float | None = None
    currency: str | None = None


class _Bar(msgspec.Struct):
    c: float
    t: float
    T: str | None = None
    o: float | None = None
    h: float | None = None
    l: float | None = None  # noqa: E741  the vendor's own name
    v: float | None = None
    vw: float | None = None
    n: float | None = None


class _Answer(msgspec.Struct):
    status: str | None = None
    resultsCount: int | None = None
    results: list[msgspec.Raw] | None = None


class _Details(msgspec.Struct):
    name: str | None = None
    market_cap: float | None = None
    currency_name: str | None = None


class _ReferenceAnswer(msgspec.Struct):
    status: str | None = None
    results: _Details | None = None


class Polygon:
    """Previous bars, one ticker per request."""

    name = NAME
    largest_query = 1

    def ask(self, query: PriceQuery) -> Request:
        (symbol,) = query.symbols
        return Request(f"/v2/aggs/ticker/{quote(symbol, safe='')}/prev", {"adjusted": "true"})

    def read(self, query: PriceQuery, body: Body) -> Reading[Price]:
        (symbol,) = query.symbols
        answer = parse(NAME, body.content, _Answer)
        if answer.results:
            return _reading(symbol, answer.results[0], body)
        if answer.status in _SUCCESSES and not answer.resultsCount:
            raise Permanent(f"{NAME} has no bar of {symbol}")
        raise _refusal(answer.status, body)


def ask_reference(symbol: str) -> Request:
    """The request for a ticker's name and market cap."""
    return Request(f"/v3/reference/tickers/{quote(symbol, safe='')}")


def read_reference(body: Body) -> Reference:
    """Who the ticker is. Raises Transient when the answer is a refusal or garbage."""
    answer = parse(NAME, body.content, _ReferenceAnswer)
    if answer.status not in _SUCCESSES or answer.results is None:
        raise _refusal(answer.status, body)
    details = answer.results
    currency = details.currency_name.upper() if details.currency_name else None
    return Reference(name(details.name), amount("market_cap", details.market_cap), currency)


def _refusal(status: str | None, body: Body) -> StocksError:
    """What a 200 without results means: these two statuses are about the ticker, all else is about everybody."""
    said = spoken(body.content)
    match status:
        case "NOT_AUTHORIZED":
            return PlanRefusal(f"{NAME} answered: {said[:200]}")
        case "NOT_FOUND":
            return Permanent(f"{NAME} answered: {said[:200]}")
        case _:
            return refused(NAME, said)


def describe(price: Price, reference: Reference) -> Price:
    """``price`` with the name, market cap and currency of its ticker."""
    return msgspec.structs.replace(
        price,
        name=reference.name,
        market_cap=reference.market_cap,
        currency=reference.currency or price.currency,
    )


def _reading(symbol: str, raw: msgspec.Raw, body: Body) -> Reading[Price]:
    try:
        return Reading((_price(symbol, convert(raw, _Bar), body),))
    except Permanent as problem:
        return Reading((), {symbol: str(problem)})


def _price(symbol: str, bar: _Bar, body: Body) -> Price:
    same("T", bar.T, symbol)
    amounts: Mapping[str, float | None] = {
        "open": amount("o", bar.o),
        "high": amount("h", bar.h),
        "low": amount("l", bar.l),
        "volume": amount("v", bar.v),
        "vwap": amount("vw", bar.vw),
    }
    price = Price(
        price_id="",
        source=NAME,
        symbol=symbol,
        price=positive("c", bar.c),
        price_at=moment("t", bar.t, body.received_at, unit_s=0.001),
        observed_at=body.received_at,
        currency=_CURRENCY,
        trades=number("n", bar.n),
        **amounts,  # type: ignore[arg-type]
    )
    return identify_price(price)
