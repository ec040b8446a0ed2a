"""What a stock's business is, where no listing has said so: one request per stock."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote as quoted

import msgspec

from include.contracts.quotes import Quote
from include.scrapers.yahoo_answers import Envelope, unwrap
from include.scrapers.yahoo_failures import NotFound

if TYPE_CHECKING:
    from include.scrapers.yahoo import Yahoo

URL = "https://query2.finance.yahoo.com/v10/finance/quoteSummary/"


class Business(msgspec.Struct, frozen=True):
    """Sector and industry in the source's words; None is "the source did not say"."""

    sector: str | None = None
    industry: str | None = None


class _Modules(msgspec.Struct, frozen=True, rename="camel"):
    asset_profile: Business = Business()


_DECODER = msgspec.json.Decoder(dict[str, Envelope[list[_Modules]]])


def read(symbol: str, body: bytes) -> Business:
    """The business in one answer. Raises msgspec.DecodeError, NotFound, Transient."""
    modules = unwrap(_DECODER.decode(body), "quoteSummary", f"the profile of {symbol}")
    return modules[0].asset_profile if modules else Business()


def described(yahoo: Yahoo, quote: Quote) -> Quote:
    """``quote`` with the sector and industry of its stock, as far as Yahoo knows them. Raises as ``Yahoo.ask``."""
    symbol = quote.symbol
    params = {"modules": "assetProfile", "formatted": "false", "symbol": symbol, "lang": "en-US", "region": "US"}
    about = f"the profile of {symbol}"
    try:
        found = yahoo.ask(URL + quoted(symbol, safe=""), params, about, lambda body: read(symbol, body))
    except NotFound:
        return quote
    return msgspec.structs.replace(quote, sector=found.sector, industry=found.industry)
