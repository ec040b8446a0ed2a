"""What a screener lists, whichever way it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from include.contracts.market_cap import Band
from include.contracts.quotes import Quote
from include.scrapers.page import Row


class Listing(msgspec.Struct, frozen=True):
    """One page of a region's market-cap band.

    ``announced`` is the total for the whole band, ``page_size`` how many a full page holds. ``quotes``
    has every symbol of the page once, in its order; ``unquoted`` are those of them that the source gave
    no quote for (they have what the page showed, and no currency). ``sectors_seen`` says whether sector
    and industry were read from the source.
    """

    announced: int
    page_size: int
    quotes: tuple[Quote, ...]
    unquoted: tuple[str, ...] = ()
    sectors_seen: bool = False

    @property
    def pages(self) -> int:
        """How many pages the whole band has."""
        return -(-self.announced // self.page_size)


class Lister(Protocol):
    """A way to list a region: by the screener's web page, or by its query."""

    def list_page(self, region: str, band: Band, page: int) -> Listing:
        """List page ``page`` (counted from 0). Raises Transient, Permanent or Unfit."""
        ...

    def sectors(self, region: str, band: Band, announced: int) -> Sequence[Quote]:
        """Stocks of the band with their sectors, where its listing does not show them. Raises Transient, Unfit."""
        ...

    def close(self) -> None:
        """Let go of what it holds; called once."""
        ...


def joined(rows: Sequence[Row], quotes: Iterable[Quote], region: str, observed_at: datetime) -> tuple[Quote, ...]:
    """A quote for every distinct symbol of ``rows``: the source's, with the page's sector and industry added.

    A symbol without a quote has what the page shows of it: name, price and the rounded market cap.
    """
    known = {quote.symbol: quote for quote in quotes}
    first_rows = {row.symbol: row for row in reversed(rows)}
    ordered = dict.fromkeys(row.symbol for row in rows)
    return tuple(_joined(first_rows[symbol], known.get(symbol), region, observed_at) for symbol in ordered)


def _joined(row: Row, quote: Quote | None, region: str, observed_at: datetime) -> Quote:
    if quote is None:
        shown = None if row.market_cap is None else row.market_cap.value
        quote = Quote(row.symbol, region, observed_at, name=row.name, price=row.price, market_cap=shown)
    return msgspec.structs.replace(
        quote, sector=row.sector or quote.sector, industry=row.industry or quote.industry, name=quote.name or row.name
    )
