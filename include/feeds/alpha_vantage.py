"""Alpha Vantage: one symbol's latest quote, every number a text.

Every answer is a 200. ``{"Global Quote": {}}`` is a symbol that nobody knows and ``Error Message`` a
wrong call; whatever else lacks the quote is a refusal, whatever its wording.
"""

from __future__ import annotations

import msgspec

from include.contracts.prices import Price, identify_price
from include.errors import Permanent
from include.feeds.base import Body, PriceQuery, Reading, Request
from include.feeds.reading import amount, moment, parse, positive, same
from include.feeds.refusals import refused, spoken

NAME = "alpha-vantage"


class _Quote(msgspec.Struct):
    symbol: str | None = msgspec.field(default=None, name="01. symbol")
    open: str | float | None = msgspec.field(default=None, name="02. open")
    high: str | float | None = msgspec.field(default=None, name="03. high")
    low: str | float | None = msgspec.field(default=None, name="04. low")
    price: str | float | None = msgspec.field(default=None, name="05. price")
    volume: str | float | None = msgspec.field(default=None, name="06. volume")
    traded_on: str | None = msgspec.field(default=None, name="07. latest trading day")
    previous_close: str | float | None = msgspec.field(default=None, name="08. previous close")


class _Answer(msgspec.Struct):
    quote: dict[str, object] | None = msgspec.field(default=None, name="Global Quote")
    error: str | None = msgspec.field(default=None, name="Error Message")


class AlphaVantage:
    """Latest quotes, one symbol per request."""

    name = NAME
    largest_query = 1

    def ask(self, query: PriceQuery) -> Request:
        (symbol,) = query.symbols
        return Request("/query", {"function": "GLOBAL_QUOTE", "symbol": symbol})

    def read(self, query: PriceQuery, body: Body) -> Reading[Price]:
        (symbol,) = query.symbols
        answer = parse(NAME, body.content, _Answer)
        if answer.quote:
            return _reading(symbol, answer.quote, body)
        if answer.error is not None:
            raise Permanent(f"{NAME} does not accept {symbol}: {answer.error[:200]}")
        if answer.quote is not None and not spoken(body.content):
            raise Permanent(f"{NAME} knows no {symbol}")
        raise refused(NAME, spoken(body.content))


def _reading(symbol: str, quoted: dict[str, object], body: Body) -> Reading[Price]:
    try:
        return Reading((_price(symbol, _typed(quoted), body),))
    except Permanent as problem:
        return Reading((), {symbol: str(problem)})


def _typed(quoted: dict[str, object]) -> _Quote:
    try:
        return msgspec.convert(quoted, _Quote)
    except msgspec.ValidationError as error:
        raise Permanent(str(error)) from None


def _price(symbol: str, quoted: _Quote, body: Body) -> Price:
    same("01. symbol", quoted.symbol, symbol)
    price = Price(
        price_id="",
        source=NAME,
        symbol=symbol,
        price=positive("05. price", quoted.price),
        # Only the day is said: its start, in UTC.
        price_at=moment("07. latest trading day", quoted.traded_on, body.received_at),
        observed_at=body.received_at,
        open=amount("02. open", quoted.open),
        high=amount("03. high", quoted.high),
        low=amount("04. low", quoted.low),
        previous_close=amount("08. previous close", quoted.previous_close),
        volume=amount("06. volume", quoted.volume),
    )
    return identify_price(price)
