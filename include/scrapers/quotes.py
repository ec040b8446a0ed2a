"""Quotes of many symbols by one request."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from include.contracts.quotes import Quote
from include.scrapers.lenient import number, parsed, text
from include.scrapers.yahoo_answers import Envelope, unwrap
from include.scrapers.yahoo_failures import NoneKnown

if TYPE_CHECKING:
    from include.scrapers.yahoo import Yahoo

log = logging.getLogger(__name__)

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
            price_at=_moment(self.regular_market_time),
            market_cap=self.market_cap,
            shares_outstanding=self.shares_outstanding,
            implied_shares_outstanding=self.implied_shares_outstanding,
            trailing_dividend_per_share=self.trailing_annual_dividend_rate,
        )


_DECODER = msgspec.json.Decoder(dict[str, Envelope[list[QuoteFields]]])
_LOOSE = dict[str, Envelope[list[object]]]
_NUMBERS = {field.encode_name for field in msgspec.structs.fields(QuoteFields) if field.type == float | None}


def read(body: bytes, region: str, observed_at: datetime) -> list[Quote]:
    """The quotes of one answer, in its order; unknown symbols are simply absent from it.

    Raises msgspec.DecodeError for what is no such answer, Transient for a refusal.
    """
    try:
        found = unwrap(_DECODER.decode(body), "quoteResponse", "quotes")
    except msgspec.DecodeError as error:
        records = unwrap(msgspec.convert(parsed(body), _LOOSE), "quoteResponse", "quotes")
        log.warning("quotes are not built as they should be (%s): what can be read of them is used", error)
        found = as_far_as_readable(records)
    return [fields.quote(region, observed_at) for fields in found]


def as_far_as_readable(records: Sequence[object]) -> list[QuoteFields]:
    """Those of ``records`` that name a symbol, each with the fields that can be read."""
    return [_readable(one) for one in records if isinstance(one, dict) and text(one.get("symbol"))]


def _readable(record: Mapping[str, object]) -> QuoteFields:
    names = [field.encode_name for field in msgspec.structs.fields(QuoteFields)]
    kept = {name: (number if name in _NUMBERS else text)(record.get(name)) for name in names}
    return msgspec.convert(kept, QuoteFields)


def fetch(yahoo: Yahoo, symbols: Sequence[str], region: str) -> list[Quote]:
    """The quotes of ``symbols``, ``PER_REQUEST`` per request; a symbol that Yahoo does not know is absent.

    Raises as ``Yahoo.ask``, and NoneKnown if none of several symbols is known: that is a refusal.
    """
    return [quote for chunk in _chunks(symbols) for quote in _fetch_chunk(yahoo, chunk, region)]


def _fetch_chunk(yahoo: Yahoo, symbols: Sequence[str], region: str) -> list[Quote]:
    about = symbols[0] if len(symbols) == 1 else f"{len(symbols)} quotes from {symbols[0]} to {symbols[-1]}"
    params = {"symbols": ",".join(symbols), "formatted": "false", "lang": "en-US", "region": "US"}
    observed_at = datetime.now(UTC)
    quotes = yahoo.ask(URL, params, about, lambda body: read(body, region, observed_at))
    if len(symbols) > 1 and not quotes:
        raise NoneKnown(f"Yahoo answered 200 without any of {about}; asked again later")
    return quotes


def _moment(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):  # milliseconds, for instance
        return None


def _chunks(symbols: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(symbols), PER_REQUEST):
        yield symbols[start : start + PER_REQUEST]
