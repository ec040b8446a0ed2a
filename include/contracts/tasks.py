"""The work that Kafka carries: one screener page, one stock."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias

import msgspec

from include.contracts.identity import processing_task_id, scraping_task_id
from include.contracts.market_cap import Band
from include.contracts.quotes import Quote

Screener = Literal["browser", "api"]


class Stage(StrEnum):
    """A station that has tasks, outcomes and dead letters of its own."""

    SCRAPING = "scraping"
    PROCESSING = "processing"


# The sink has workers and dead letters too, and no tasks: what it reads is of no run.
SINK: Final = "sink"
Station: TypeAlias = Stage | Literal["sink"]


class ScrapingTask(msgspec.Struct, frozen=True, kw_only=True):
    """List one page of one region's market-cap band.

    Page 0 is planned by the DAG; the worker that reads it adds the further pages it announces, of the
    same ``listing``. A band whose first listing left a gap is listed once again, as listing 2.
    """

    task_id: str
    run_id: str
    region: str
    band: Band
    page: int
    screener: Screener
    planned_at: datetime
    listing: int = 1
    schema_version: Literal[1] = 1

    @property
    def key(self) -> str:
        """``region`` for planned tasks; further pages spread over partitions and workers."""
        return self.region if self.page == 0 else f"{self.region}:{self.band}:{self.page}"


class ProcessingTask(msgspec.Struct, frozen=True, kw_only=True):
    """Fetch the fundamentals of one stock and compute its ratios, with the quote its listing gave."""

    task_id: str
    run_id: str
    region: str
    symbol: str
    quote: Quote
    planned_at: datetime
    schema_version: Literal[1] = 1

    @property
    def key(self) -> str:
        """The symbol: the tasks of one stock stay in order."""
        return self.symbol


Task = ScrapingTask | ProcessingTask


def scraping_task(
    run_id: str, region: str, band: Band, page: int, screener: Screener, planned_at: datetime, listing: int = 1
) -> ScrapingTask:
    """The scraping task of that work, with its derived id."""
    return ScrapingTask(
        task_id=scraping_task_id(run_id, region, str(band), page, listing),
        run_id=run_id,
        region=region,
        band=band,
        page=page,
        screener=screener,
        planned_at=planned_at,
        listing=listing,
    )


def processing_task(run_id: str, quote: Quote, planned_at: datetime) -> ProcessingTask:
    """The processing task of the stock in ``quote``, with its derived id."""
    return ProcessingTask(
        task_id=processing_task_id(run_id, quote.symbol),
        run_id=run_id,
        region=quote.region,
        symbol=quote.symbol,
        quote=quote,
        planned_at=planned_at,
    )
