"""From what a page lists to the tasks that it causes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from include.contracts.identity import processing_task_id
from include.contracts.market_cap import Band
from include.contracts.outcomes import Child
from include.contracts.quotes import Quote
from include.contracts.tasks import ScrapingTask, Stage, processing_task, scraping_task
from include.contracts.topics import PROCESSING_TASKS, SCRAPING_TASKS
from include.scrapers.listing import Listing
from include.transport.codec import encode
from include.workers.handler import Send

STOCK = "EQUITY"  # Yahoo's word; funds, certificates and the like have no statements
_NAMED = 5


class Selection(msgspec.Struct, frozen=True):
    """The ``stocks`` to work on, how many distinct symbols the page ``listed``, and what people should know."""

    stocks: tuple[Quote, ...]
    listed: int
    warnings: tuple[str, ...]


def select(listing: Listing, band: Band) -> Selection:
    """Leave out what is no stock, and what the exact market cap puts outside of the half-open band.

    A stock without a known market cap stays: the source listed it in the band.
    """
    others = [q.symbol for q in listing.quotes if q.quote_type not in (STOCK, None)]
    outside = [
        q.symbol
        for q in listing.quotes
        if q.quote_type in (STOCK, None) and q.market_cap is not None and q.market_cap not in band
    ]
    left_out = {*others, *outside}
    warnings = (
        _warning(others, "left out: no stock"),
        _warning(outside, f"left out: market cap outside of {band}"),
        _warning(listing.unquoted, "without a quote, so without a currency"),
    )
    return Selection(
        stocks=tuple(q for q in listing.quotes if q.symbol not in left_out),
        listed=len(listing.quotes),
        warnings=tuple(text for text in warnings if text),
    )


def further_pages(task: ScrapingTask, pages: int) -> list[ScrapingTask]:
    """The tasks of pages 1 up to ``pages`` - 1 of the same listing."""
    return [
        scraping_task(task.run_id, task.region, task.band, page, task.screener, task.planned_at, listing=task.listing)
        for page in range(1, pages)
    ]


def children_of(run_id: str, stocks: Iterable[Quote], pages: Iterable[ScrapingTask]) -> tuple[Child, ...]:
    """What the ledger opens: further pages, then stocks."""
    return (
        *(Child(Stage.SCRAPING, page.task_id, page.key) for page in pages),
        *(Child(Stage.PROCESSING, processing_task_id(run_id, q.symbol), q.symbol) for q in stocks),
    )


def sends_of(
    task: ScrapingTask, stocks: Iterable[Quote], pages: Iterable[ScrapingTask], *, sent_before: Collection[str]
) -> tuple[Send, ...]:
    """The messages: further pages first, so that other workers begin; then the stocks not ``sent_before``."""
    found = [processing_task(task.run_id, quote, task.planned_at) for quote in stocks]
    return (
        *(Send(SCRAPING_TASKS.name, page.key, encode(page)) for page in pages),
        *(Send(PROCESSING_TASKS.name, t.key, encode(t)) for t in found if t.task_id not in sent_before),
    )


def _warning(symbols: Sequence[str], what: str) -> str | None:
    if not symbols:
        return None
    named = ", ".join(symbols[:_NAMED]) + (", …" if len(symbols) > _NAMED else "")
    return f"{len(symbols)} {what} ({named})"
