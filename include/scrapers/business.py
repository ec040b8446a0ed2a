"""What a stock's business is, where no listing has said so: one request per stock."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import quote as quoted

import msgspec

from include.contracts.quotes import Quote
from include.errors import Permanent, Transient
from include.scrapers.yahoo_answers import Envelope, unwrap
from include.scrapers.yahoo_failures import NotFound

if TYPE_CHECKING:
    from include.scrapers.yahoo import Yahoo

log = logging.getLogger(__name__)

URL = "https://query2.finance.yahoo.com/v10/finance/quoteSummary/"


class Business(msgspec.Struct, frozen=True):
    """Sector and industry in the source's words; None is "the source did not say"."""

    sector: str | None = None
    industry: str | None = None


class _Modules(msgspec.Struct, frozen=True, rename="camel"):
    asset_profile: Business | None = None


_DECODER = msgspec.json.Decoder(dict[str, Envelope[list[_Modules]]])


def read(symbol: str, body: bytes) -> Business:
    """The business in one answer. Raises msgspec.DecodeError, NotFound, Transient."""
    modules = unwrap(_DECODER.decode(body), "quoteSummary", f"the profile of {symbol}")
    return (modules[0].asset_profile if modules else None) or Business()


def described(yahoo: Yahoo, quote: Quote) -> Quote:
    """``quote`` with the sector and industry of its stock, as far as Yahoo tells them now.

    What a stock's business is must not decide whether it is computed: what is refused twice stays unknown. Raises
    Transient while Yahoo limits our rate, and Unfit.
    """
    try:
        found = _asked(yahoo, quote.symbol)
    except NotFound:
        return quote
    except (Transient, Permanent) as failure:
        if isinstance(failure, Transient) and failure.source is not None:
            raise
        log.warning("the sector of %s stays unknown: %s", quote.symbol, failure)
        return quote
    return msgspec.structs.replace(quote, sector=found.sector or None, industry=found.industry or None)


def _asked(yahoo: Yahoo, symbol: str) -> Business:
    """The profile; a failure that may pass is asked once more, because a bank is told by nothing else."""
    params = {"modules": "assetProfile", "formatted": "false", "symbol": symbol, "lang": "en-US", "region": "US"}

    def once() -> Business:
        about = f"the profile of {symbol}"
        return yahoo.ask(URL + quoted(symbol, safe=""), params, about, lambda body: read(symbol, body))

    try:
        return once()
    except Transient as failure:
        if failure.source is not None:
            raise
        return once()
