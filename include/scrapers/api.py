"""The same listing through yfinance's screener query: no browser, 250 rows a request, quotes included."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import yfinance
from yfinance import EquityQuery

from include.contracts.market_cap import Band
from include.contracts.quotes import Quote
from include.errors import Transient
from include.scrapers import sectors
from include.scrapers.listing import Listing
from include.scrapers.quotes import QuoteFields, as_far_as_readable
from include.scrapers.yahoo import Yahoo

PAGE_SIZE = 250  # the most that Yahoo gives


class Answer(msgspec.Struct, frozen=True):
    """One answer of the screener query: the part that is read."""

    total: int
    quotes: list[QuoteFields]


class _LooseAnswer(msgspec.Struct, frozen=True):
    total: int
    quotes: list[object]


class QueryScreener:
    """Lists by Yahoo's screener query, through the process's one session."""

    def __init__(self, yahoo: Yahoo) -> None:
        self._yahoo = yahoo

    def list_page(self, region: str, band: Band, page: int) -> Listing:
        """List page ``page`` (counted from 0). Raises as ``Yahoo.call``."""
        observed_at = datetime.now(UTC)
        answer = self._ask(query(region, band), page, f"the screener for {region} {band}")
        return listing(answer, region, observed_at)

    def sectors(self, region: str, band: Band, announced: int) -> list[Quote]:
        """The band's stocks whose sector is known, with it; ``announced`` is how many it has. Raises Transient."""
        return sectors.described(lambda only: self._all(region, band, only), f"{region} {band}", announced)

    def close(self) -> None:
        """Nothing is held."""

    def _all(self, region: str, band: Band, only: EquityQuery) -> list[Quote]:
        """Every stock of the band that satisfies one more condition. Raises as ``Yahoo.call``."""
        wanted, observed_at = query(region, band, only), datetime.now(UTC)
        about = f"the screener for a sector of {region} {band}"
        found: dict[str, Quote] = {}
        page, pages = 0, 1
        while page < pages:
            shown = listing(self._ask(wanted, page, about), region, observed_at)
            found |= {quote.symbol: quote for quote in shown.quotes}
            page, pages = page + 1, shown.pages
        return list(found.values())

    def _ask(self, wanted: EquityQuery, page: int, about: str) -> Answer:
        return self._yahoo.call(f"page {page + 1} of {about}", lambda: ask(wanted, page * PAGE_SIZE))


def query(region: str, band: Band, *further: EquityQuery) -> EquityQuery:
    """The stocks of a region with market caps from the band's minimum up to, not including, its maximum.

    ``further`` are conditions that hold too.
    """
    parts = [EquityQuery("eq", ["region", region]), *further]
    if band.minimum is not None:
        parts.append(EquityQuery("gte", ["intradaymarketcap", band.minimum]))
    if band.maximum is not None:
        parts.append(EquityQuery("lt", ["intradaymarketcap", band.maximum]))
    return parts[0] if len(parts) == 1 else EquityQuery("and", parts)


def ask(wanted: EquityQuery, offset: int) -> Answer:
    """Ask yfinance for the rows from ``offset`` on, by symbol: prices move between two pages, symbols do not."""
    found = yfinance.screen(wanted, offset=offset, size=PAGE_SIZE, sortField="ticker", sortAsc=True)
    try:
        return msgspec.convert(found, Answer)
    except msgspec.ValidationError:
        return _as_far_as_readable(found)


def _as_far_as_readable(found: object) -> Answer:
    try:
        loose = msgspec.convert(found, _LooseAnswer)
        return Answer(loose.total, as_far_as_readable(loose.quotes))
    except msgspec.ValidationError as error:
        raise Transient(f"Yahoo's screener answered without what was asked for ({error}); asked again later") from error


def listing(answer: Answer, region: str, observed_at: datetime) -> Listing:
    """The listing that an answer holds."""
    quotes = {fields.symbol: fields.quote(region, observed_at) for fields in answer.quotes}
    return Listing(announced=answer.total, page_size=PAGE_SIZE, quotes=tuple(quotes.values()))
