"""Brapi: Brazilian stocks, funds and ETFs, in BRL.

Several tickers fit one request where the plan allows it; ``regularMarketTime`` is an ISO text (an
epoch count in older answers); the newer endpoint nests the quote under ``data``.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote

import msgspec

from include.contracts.prices import TradingAsset
from include.errors import Permanent
from include.feeds.base import Body, PriceQuery, Reading, Request
from include.feeds.reading import amount, convert, moment, name, parse, positive
from include.feeds.refusals import refused, spoken

NAME = "brapi"
# An unknown ticker was a 200 with these words once, and is a 404 now: it is about the ticker, not about everybody.
_UNKNOWN = re.compile("não encontramos|nenhum resultado|NOT_FOUND", re.IGNORECASE)
_NO_ERROR = (b"null", b"false", b'""')


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
    error: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def refuses(self) -> bool:
        """Whether there is no data. Prices beside an error are prices: it is about the other tickers."""
        return self.results is None or (not self.results and bytes(self.error) not in _NO_ERROR)


class Brapi:
    """Quotes of up to ``largest_query`` tickers per request; the free plan allows one."""

    name = NAME

    def __init__(self, largest_query: int = 10) -> None:
        self.largest_query = largest_query

    def ask(self, query: PriceQuery) -> Request:
        return Request("/api/quote/" + ",".join(quote(symbol, safe="") for symbol in query.symbols))

    def read(self, query: PriceQuery, body: Body) -> Reading[TradingAsset]:
        answer = parse(NAME, body.content, _Answer)
        if answer.refuses:
            said = spoken(body.content)
            if _UNKNOWN.search(said):
                raise Permanent(f"{NAME} answered: {said[:200]}")
            raise refused(NAME, said)
        assets: dict[str, TradingAsset] = {}
        failures: dict[str, str] = {}
        asked = {symbol.upper(): symbol for symbol in query.symbols}
        for raw in answer.results or ():
            try:
                named, content = _named(raw)
            except Permanent as problem:
                failures |= _blamed(query, _why(raw, problem))
                continue
            if (ticker := asked.get(named.upper())) is None:
                continue
            try:
                assets[ticker] = _asset(ticker, convert(content, _Quote), body.received_at)
            except Permanent as problem:
                failures[ticker] = _why(raw, problem)
        return Reading(
            tuple(assets.values()), {ticker: why for ticker, why in failures.items() if ticker not in assets}
        )


def _named(raw: msgspec.Raw) -> tuple[str, msgspec.Raw]:
    """-> (whose quote it is, the quote)."""
    named = convert(raw, _Named)
    content = named.data if bytes(named.data) not in (b"", b"null") else raw
    symbol = named.symbol or convert(content, _Named).symbol
    if not symbol:
        raise Permanent("symbol is missing")
    return symbol, content


def _why(raw: msgspec.Raw, problem: Permanent) -> str:
    """What is wrong with a quote, in the vendor's own words if it has any."""
    said = spoken(bytes(raw))
    return f"{problem} ({NAME} says: {said[:200]})" if said else str(problem)


def _blamed(query: PriceQuery, why: str) -> dict[str, str]:
    # An answer to one ticker is about that ticker, even if it does not say so.
    return {query.symbols[0]: why} if len(query.symbols) == 1 else {}


def _asset(ticker: str, quoted: _Quote, told_at: datetime) -> TradingAsset:
    return TradingAsset(
        ticker=ticker,
        name=name(quoted.longName),
        short_name=name(quoted.shortName),
        price=positive("regularMarketPrice", quoted.regularMarketPrice),
        volume=amount("regularMarketVolume", quoted.regularMarketVolume),
        updated_at=moment("regularMarketTime", quoted.regularMarketTime, told_at),
    )
