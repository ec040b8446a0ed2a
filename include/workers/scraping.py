"""The scraping worker's work: one page of a region's market-cap band becomes tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from psycopg2.extensions import connection as Connection

from include.contracts.outcomes import ScrapingCompleted
from include.contracts.quotes import Quote
from include.contracts.tasks import ScrapingTask, Screener, Stage
from include.errors import Permanent
from include.scrapers import quotes
from include.scrapers.api import QueryScreener
from include.scrapers.browser import Browser
from include.scrapers.evidence import Evidence
from include.scrapers.listing import Lister, Listing
from include.scrapers.regions import REGIONS
from include.scrapers.screener import PageScreener
from include.scrapers.yahoo import Yahoo
from include.scrapers.yahoo_session import SOURCE
from include.stores import stocks
from include.stores.postgres import Database
from include.workers import effects
from include.workers.handler import Attempt, Effect, Handler, Workplace
from include.workers.selection import Selection, children_of, further_pages, select, sends_of

# The few that are new since the sectors were asked for wait until those are 30 days old.
_MOSTLY = 0.8


def build(place: Workplace) -> Handler[ScrapingTask]:
    """The handler of scraping tasks at that workplace; its one browser starts when first needed.

    Raises ConfigurationError.
    """
    yahoo = Yahoo.from_env(place.environment, place.home / "yahoo", before_request=place.permit)
    page = PageScreener(
        Browser(place.environment, place.home / "browser"),
        Evidence(place.home / "evidence"),
        quotes=lambda symbols, region: quotes.fetch(yahoo, symbols, region),
        permit=place.permit,
    )
    return Scraping({"browser": page, "api": QueryScreener(yahoo)}, place.database)


class Scraping:
    """Lists one page, keeps its stocks, and names a task for each; page 0 adds the further pages."""

    stage = Stage.SCRAPING
    task_type = ScrapingTask
    source = SOURCE

    def __init__(self, listers: Mapping[Screener, Lister], database: Database) -> None:
        self._listers = listers
        self._database = database

    def handle(self, task: ScrapingTask, attempt: Attempt) -> Effect:
        """One page. Raises Transient, Permanent (a changed layout, with evidence) or Unfit (no browser)."""
        if task.region not in REGIONS:
            raise Permanent(f"{task.region!r} is no region of the screener; it lists {', '.join(REGIONS)}")
        lister = self._listers[task.screener]
        listing = lister.list_page(task.region, task.band, task.page)
        selection = select(listing, task.band)
        pages = further_pages(task, listing.pages) if task.page == 0 else []
        # The further pages are sent when this one is done: what it finds out they need not ask again.
        described = self._described(lister, task, listing) if task.page == 0 else ()
        with self._database.transaction() as connection:
            seen = {quote.symbol: quote for quote in (*selection.stocks, *described)}
            stocks.upsert(connection, seen.values(), sectors_seen=listing.sectors_seen or bool(described))
            selection = msgspec.structs.replace(selection, stocks=_with_known_sectors(connection, selection.stocks))
            completion = _completed(task, attempt, listing.announced, selection, pages)
            sends = sends_of(task, selection.stocks, pages, sent_before=_sent_before(connection, task, selection))
            return effects.record(connection, self.stage, Effect(completion, sends))

    def _described(self, lister: Lister, task: ScrapingTask, listing: Listing) -> Sequence[Quote]:
        """The band's stocks with their sectors, asked for when many of the page have none of the last 30 days."""
        unknown = [quote.symbol for quote in listing.quotes if quote.sector is None]
        if not unknown:
            return ()
        with self._database.transaction() as connection:
            known = stocks.known_sectors(connection, unknown, datetime.now(UTC))
        if len(known) >= _MOSTLY * len(unknown):
            return ()
        return lister.sectors(task.region, task.band, listing.announced)

    def close(self) -> None:
        """Close the browser."""
        for lister in self._listers.values():
            lister.close()


def _with_known_sectors(connection: Connection, found: tuple[Quote, ...]) -> tuple[Quote, ...]:
    """Those whose listing did not say their sector have it from an earlier one."""
    unknown = [quote.symbol for quote in found if quote.sector is None]
    known = stocks.known_sectors(connection, unknown, datetime.now(UTC))
    return tuple(
        msgspec.structs.replace(quote, sector=known[quote.symbol].sector, industry=known[quote.symbol].industry)
        if quote.symbol in known
        else quote
        for quote in found
    )


def _sent_before(connection: Connection, task: ScrapingTask, selection: Selection) -> frozenset[str]:
    """The ids that the run's first listing sent; a first listing asks nobody."""
    if task.listing == 1:
        return frozenset()
    ids = [child.task_id for child in children_of(task.run_id, selection.stocks, [])]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_id::text FROM tasks WHERE run_id = %s AND stage = 'processing' AND task_id = ANY(%s::uuid[])",
            (task.run_id, ids),
        )
        return frozenset(row[0] for row in cursor.fetchall())


def _completed(
    task: ScrapingTask, attempt: Attempt, announced: int, selection: Selection, pages: list[ScrapingTask]
) -> ScrapingCompleted:
    return ScrapingCompleted(
        task_id=task.task_id,
        run_id=task.run_id,
        region=task.region,
        band=str(task.band),
        page=task.page,
        listing=task.listing,
        key=task.key,
        announced=announced,
        listed=selection.listed,
        children=children_of(task.run_id, selection.stocks, pages),
        attempts=attempt.number,
        replay_count=attempt.replay_count,
        started_at=attempt.started_at,
        finished_at=datetime.now(UTC),
        worker=attempt.worker,
        warnings=selection.warnings,
    )
