"""Quotes of many symbols by one request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from include.contracts.quotes import Quote
from include.errors import Transient
from include.scrapers.yahoo_answers import Envelope, unwrap

if TYPE_CHECKING:
    from include.scrapers.yahoo import Yahoo

URL = "https://query1.finance.yahoo.com/v7/finance/quote"
PER_REQUEST = 100  # Yahoo's own pages ask for up to 30; hundreds are known to be answered


class QuoteFields(msgspec.Struct, frozen=True, rename="camel"):
    """One quote as Yahoo spells it, in ``quoteResponse`` and in a screener's answer alike."""

    symbol: str
    long_name: str | None = None
    short_name: str | None = None
    exchange: str | None = None
    exchange_timezone_name: str | None = None
    quote_type: str | None = None
    currency: str | None = None
    financial_currency: str | None = None
    regular_market_price: float | None = None
    regular_market_time: float | None = None
    market_cap: float | None = None
    shares_outstanding: float | None = None
    implied_shares_outstanding: float | None = None
    trailing_annual_dividend_rate: float | None = None

    def quote(self, region: str, observed_at: datetime) -> Quote:
        """What the contract keeps of it."""
        seconds = self.regular_market_time
        return Quote(
            symbol=self.symbol,
            region=region,
            observed_at=observed_at,
            name=self.long_name or self.short_name,
            exchange=self.exchange,
            exchange_timezone=self.exchange_timezone_name,
            quote_type=self.quote_type,
            currency=self.currency,
            financial_currency=self.financial_currency,
            price=self.regular_market_price,
            price_at=None if seconds is None else datetime.fromtimestamp(seconds, UTC),
            market_cap=self.market_cap,
            shares_outstanding=self.shares_outstanding,
            implied_shares_outstanding=self.implied_shares_outstanding,
            trailing_dividend_per_share=self.trailing_annual_dividend_rate,
        )


_DECODER = msgspec.json.Decoder(dict[str, Envelope[list[QuoteFields]]])


def read(body: bytes, region: str, observed_at: datetime) -> list[Quote]:
    """The quotes of one answer, in its order; unknown symbols are simply absent from it.

    Raises msgspec.DecodeError for what is no such answer, Transient for a refusal.
    """
    found = unwrap(_DECODER.decode(body), "quoteResponse", "quotes")
    return [fields.quote(region, observed_at) for fields in found]


def fetch(yahoo: Yahoo, symbols: Sequence[str], region: str) -> list[Quote]:
    """The quotes of ``symbols``, ``PER_REQUEST`` per request; a symbol that Yahoo does not know is absent.

    Raises as ``Yahoo.ask``, and Transient if none of several symbols is known: that is a refusal.
    """
    return [quote for chunk in _chunks(symbols) for quote in _fetch_chunk(yahoo, chunk, region)]


def _fetch_chunk(yahoo: Yahoo, symbols: Sequence[str], region: str) -> list[Quote]:
    about = symbols[0] if len(symbols) == 1 else f"{len(symbols)} quotes from {symbols[0]} to {symbols[-1]}"
    params = {"symbols": ",".join(symbols), "formatted": "false", "lang": "en-US", "region": "US"}
    observed_at = datetime.now(UTC)
    quotes = yahoo.ask(URL, params, about, lambda body: read(body, region, observed_at))
    if len(symbols) > 1 and not quotes:
        raise Transient(f"Yahoo answered 200 without any of {about}; asked again later")
    return quotes


def _chunks(symbols: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(symbols), PER_REQUEST):
        yield symbols[start : start + PER_REQUEST]
