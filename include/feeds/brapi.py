"""Brapi: Brazilian stocks, funds and ETFs, in BRL.

Several tickers fit one request where the plan allows it; ``regularMarketTime`` is an ISO text (an
epoch count in older answers); the newer endpoint nests the quote under ``data``.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import msgspec

from include.contracts.prices import TradingAsset
from include.errors import Permanent
from include.feeds.base import Body, PriceQuery, Reading, Request
from include.feeds.reading import amount, convert, moment, parse, positive
from include.feeds.refusals import refused, spoken

NAME = "brapi"


class _Quote(msgspec.Struct):
    regularMarketPrice: float | None = None
    regularMarketTime: str | float | None = None
    regularMarketVolume: float | None = None
    longName: str | None = None
    shortName: str | None = None


class _Named(msgspec.Struct):
    symbol: str | None = None
    data: msgspec.Raw = msgspec.Raw()


class _Answer(msgspec.Struct):
    results: list[msgspec.Raw] | None = None
    error: bool | str | None = None


class Brapi:
    """Quotes of up to ``largest_query`` tickers per request; the free plan allows one."""

    name = NAME

    def __init__(self, largest_query: int = 10) -> None:
        self.largest_query = largest_query

    def ask(self, query: PriceQuery) -> Request:
        return Request("/api/quote/" + ",".join(quote(symbol, safe="") for symbol in query.symbols))

    def read(self, query: PriceQuery, body: Body) -> Reading[TradingAsset]:
        answer = parse(NAME, body.content, _Answer)
        if answer.error or answer.results is None:
            raise refused(NAME, spoken(body.content))
        assets: dict[str, TradingAsset] = {}
        failures: dict[str, str] = {}
        for raw in answer.results:
            try:
                named, content = _named(raw)
            except Permanent as problem:
                failures |= _blamed(query, str(problem))
                continue
            try:
                assets[named] = _asset(named, convert(content, _Quote), body.received_at)
            except Permanent as problem:
                failures[named] = str(problem)
        asked = set(query.symbols)
        return Reading(
            tuple(a for name, a in assets.items() if name in asked),
            {name: why for name, why in failures.items() if name in asked},
        )


def _named(raw: msgspec.Raw) -> tuple[str, msgspec.Raw]:
    """-> (whose quote it is, the quote)."""
    named = convert(raw, _Named)
    content = named.data if bytes(named.data) not in (b"", b"null") else raw
    symbol = named.symbol or convert(content, _Named).symbol
    if not symbol:
        raise Permanent("symbol is missing")
    return symbol, content


def _blamed(query: PriceQuery, why: str) -> dict[str, str]:
    # An answer to one ticker is about that ticker, even if it does not say so.
    return {query.symbols[0]: why} if len(query.symbols) == 1 else {}


def _asset(ticker: str, quoted: _Quote, told_at: datetime) -> TradingAsset:
    return TradingAsset(
        ticker=ticker,
        name=quoted.longName,
        short_name=quoted.shortName,
        price=positive("regularMarketPrice", quoted.regularMarketPrice),
        volume=amount("regularMarketVolume", quoted.regularMarketVolume),
        updated_at=moment("regularMarketTime", quoted.regularMarketTime, told_at),
    )
