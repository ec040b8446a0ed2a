"""Alpha Vantage: one symbol's latest quote, every number a text.

Every answer is a 200. ``{"Global Quote": {}}`` is a symbol that nobody knows and ``Error Message`` a
wrong call or a wrong key; whatever else lacks the quote is a refusal, whatever its wording. Some plans'
quotes are ``Global Quote - DATA DELAYED BY 15 MINUTES``; the numbers before the names mean nothing.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from include.contracts.prices import Price, identify_price
from include.errors import ConfigurationError, Permanent
from include.feeds.base import Body, PriceQuery, Reading, Request
from include.feeds.reading import amount, moment, parse, positive, same
from include.feeds.refusals import refused, spoken

NAME = "alpha-vantage"


class _Quote(msgspec.Struct):
    symbol: str | None = None
    open: str | float | None = None
    high: str | float | None = None
    low: str | float | None = None
    price: str | float | None = None
    volume: str | float | None = None
    traded_on: str | None = msgspec.field(default=None, name="latest trading day")
    previous_close: str | float | None = msgspec.field(default=None, name="previous close")


class AlphaVantage:
    """Latest quotes, one symbol per request."""

    name = NAME
    largest_query = 1

    def ask(self, query: PriceQuery) -> Request:
        (symbol,) = query.symbols
        return Request("/query", {"function": "GLOBAL_QUOTE", "symbol": symbol})

    def read(self, query: PriceQuery, body: Body) -> Reading[Price]:
        (symbol,) = query.symbols
        answer = parse(NAME, body.content, dict[str, Any])
        said = spoken(body.content)
        quoted = next((value for name, value in answer.items() if name.startswith("Global Quote")), None)
        if quoted and isinstance(quoted, dict):
            return _reading(symbol, quoted, body)
        if isinstance(answer.get("Error Message"), str):
            if "parameter apikey" in said:
                raise ConfigurationError(f"ALPHAVANTAGE_API_KEY is refused. {NAME} answered: {said[:200]}")
            raise Permanent(f"{NAME} does not accept {symbol}: {said[:200]}")
        if quoted == {} and not said:
            raise Permanent(f"{NAME} knows no {symbol}")
        raise refused(NAME, said)


def _reading(symbol: str, quoted: dict[str, object], body: Body) -> Reading[Price]:
    try:
        return Reading((_price(symbol, _typed(quoted), body),))
    except Permanent as problem:
        return Reading((), {symbol: str(problem)})


def _typed(quoted: dict[str, object]) -> _Quote:
    try:
        return msgspec.convert({re.sub(r"^\d+\W*", "", name): value for name, value in quoted.items()}, _Quote)
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
