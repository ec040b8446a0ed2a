"""A scraping task becomes stocks, tasks and a completion, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from include.contracts.market_cap import Band, band
from include.contracts.outcomes import ScrapingCompleted
from include.contracts.tasks import ProcessingTask, ScrapingTask, Screener, Stage, scraping_task
from include.errors import Permanent
from include.ledger.fold import fold
from include.ledger.outcome import from_completion
from include.market.server import Market, MarketSettings
from include.ratios.profiles import Profile, profile
from include.stores import stocks
from include.stores.postgres import Database
from include.workers import effects, scraping
from include.workers.handler import Attempt, Effect, Handler, Workplace

pytestmark = pytest.mark.stack

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
ATTEMPT = Attempt(number=1, replay_count=0, started_at=NOW, worker="scraping-test-1")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    home = tmp_path_factory.mktemp("scraping-market")
    with Market(MarketSettings(home=home, stocks_per_region=120, as_of=date(2026, 11, 20))) as running:
        yield running


@pytest.fixture
def handler(market: Market, database: Database, tmp_path: Path) -> Iterator[Handler[ScrapingTask]]:
    place = Workplace(ATTEMPT.worker, market.environment, tmp_path, database, permit=lambda: None)
    built = scraping.build(place)
    yield built
    built.close()


def _task(page: int = 0, screener: Screener = "api", listing: int = 1, chosen: Band | None = None) -> ScrapingTask:
    return scraping_task("run-1", "gb", chosen or Band(), page, screener, NOW, listing=listing)


def _completion(effect: Effect) -> ScrapingCompleted:
    assert isinstance(effect.completion, ScrapingCompleted)
    return effect.completion


def _rows(database: Database, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def test_a_listing_names_every_stock_it_sends_and_keeps_it(handler: Handler[ScrapingTask], database: Database) -> None:
    effect = handler.handle(_task(), ATTEMPT)
    done = _completion(effect)
    assert (done.announced, done.listed, done.page, done.listing) == (120, 120, 0, 1)
    sent = [msgspec.json.decode(send.value, type=ProcessingTask) for send in effect.sends]
    assert [child.task_id for child in done.children] == [task.task_id for task in sent]
    assert all(task.quote.currency and task.quote.region == "gb" for task in sent)
    kept = _rows(database, "SELECT symbol, currency FROM stocks WHERE region = 'gb'")
    assert dict(kept) == {task.symbol: task.quote.currency for task in sent}
    assert len(kept) + sum(int(text.split()[0]) for text in done.warnings) == 120


def test_a_repeated_task_has_the_effect_of_its_first_time(handler: Handler[ScrapingTask], database: Database) -> None:
    first = handler.handle(_task(), ATTEMPT)
    again = handler.handle(_task(), msgspec.structs.replace(ATTEMPT, worker="scraping-test-2"))
    assert again == first
    assert effects.recorded(database, "run-1", Stage.SCRAPING, _task().task_id) == first


def test_the_browsers_page_0_adds_the_further_pages(handler: Handler[ScrapingTask]) -> None:
    first = handler.handle(_task(screener="browser"), ATTEMPT)
    page = msgspec.json.decode(first.sends[0].value, type=ScrapingTask)
    assert (first.sends[0].topic, first.sends[0].key) == ("stock-scraping-tasks", "gb:..:1")
    assert (page.page, page.screener) == (1, "browser")
    second = handler.handle(page, ATTEMPT)
    assert _completion(first).listed + _completion(second).listed == _completion(first).announced == 120
    assert {send.topic for send in second.sends} == {"stock-processing-tasks"}
    by_page = {c.key for e in (first, second) for c in _completion(e).children if c.stage is Stage.PROCESSING}
    other_run = msgspec.structs.replace(_task(), run_id="run-2", task_id=_task().task_id)
    assert by_page == {child.key for child in _completion(handler.handle(other_run, ATTEMPT)).children}


def test_a_second_listing_sends_only_what_the_ledger_does_not_know(
    handler: Handler[ScrapingTask], database: Database
) -> None:
    first = handler.handle(_task(chosen=band("500M", None)), ATTEMPT)
    with database.transaction() as connection:
        fold(connection, [from_completion(first.completion)])
    again = handler.handle(_task(listing=2), ATTEMPT)
    known = {child.key for child in _completion(first).children}
    assert {send.key for send in again.sends} == {child.key for child in _completion(again).children} - known
    assert known <= {child.key for child in _completion(again).children}


def test_an_empty_band_completes_without_a_child(handler: Handler[ScrapingTask]) -> None:
    effect = handler.handle(_task(chosen=band("1", "2")), ATTEMPT)
    done = _completion(effect)
    assert (done.announced, done.listed, done.children, done.warnings, effect.sends) == (0, 0, (), (), ())


def test_sectors_of_the_page_are_known_to_the_query_for_30_days(
    handler: Handler[ScrapingTask], database: Database
) -> None:
    small = band(None, "500M")
    handler.handle(_task(screener="browser", chosen=small), ATTEMPT)
    with_sector = handler.handle(msgspec.structs.replace(_task(chosen=small), run_id="run-2"), ATTEMPT)
    sent = [msgspec.json.decode(send.value, type=ProcessingTask) for send in with_sector.sends]
    assert sent
    assert all(task.quote.sector and task.quote.industry for task in sent)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE stocks SET sector_seen_at = %s", (long_ago,))
    with database.transaction() as connection:
        assert not stocks.known_sectors(connection, [task.symbol for task in sent], datetime.now(UTC))


def test_the_query_finds_out_sectors_by_fourteen_questions_once(
    handler: Handler[ScrapingTask], market: Market, database: Database
) -> None:
    shown = _kinds(handler.handle(_task(screener="browser"), ATTEMPT))
    shown |= _kinds(handler.handle(_task(1, screener="browser"), ATTEMPT))
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM stocks")
    before = _screens(market)

    found = _kinds(handler.handle(msgspec.structs.replace(_task(), run_id="run-2"), ATTEMPT))

    assert found == shown  # by the page: what it shows of sector and industry
    assert {Profile.BANK, Profile.INSURER, Profile.REIT, Profile.FINANCIAL, Profile.GENERAL} <= set(found.values())
    assert _screens(market) - before == 1 + 11 + 3
    assert _kinds(handler.handle(msgspec.structs.replace(_task(), run_id="run-3"), ATTEMPT)) == shown
    assert _screens(market) - before == 1 + 11 + 3 + 1


def _kinds(effect: Effect) -> dict[str, Profile]:
    tasks = [
        msgspec.json.decode(s.value, type=ProcessingTask) for s in effect.sends if s.topic.startswith("stock-proc")
    ]
    return {task.symbol: profile(task.quote.sector, task.quote.industry) for task in tasks}


def test_a_region_that_nobody_lists_is_permanent(handler: Handler[ScrapingTask]) -> None:
    with pytest.raises(Permanent, match="'xx' is no region"):
        handler.handle(msgspec.structs.replace(_task(), region="xx"), ATTEMPT)


def _screens(market: Market) -> int:
    return int(market.stats()["vendors"]["yahoo"]["kinds"]["screener"]["requests"])
