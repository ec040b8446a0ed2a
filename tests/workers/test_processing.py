"""A processing task against the real parts: the local market and PostgreSQL."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from include.contracts.market_cap import Band
from include.contracts.outcomes import ProcessingCompleted
from include.contracts.quotes import Quote
from include.contracts.tasks import ProcessingTask, processing_task
from include.errors import ConfigurationError, Transient
from include.market.server import Market, MarketSettings
from include.ratios.catalog import CATALOG
from include.ratios.ratio import snake_case
from include.scrapers import quotes
from include.scrapers.api import QueryScreener
from include.scrapers.yahoo import Yahoo
from include.stores.postgres import Database
from include.workers import processing
from include.workers.handler import Attempt, Handler, Workplace
from include.workers.standing import appraised_as_of

pytestmark = pytest.mark.stack

NOW = datetime.now(UTC)
ATTEMPT = Attempt(number=1, replay_count=0, started_at=NOW, worker="test")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    home = tmp_path_factory.mktemp("market")
    recordings = os.environ.get("STOCKS_RECORDINGS")
    settings = MarketSettings(home=home, stocks_per_region=30, recordings=Path(recordings) if recordings else None)
    with Market(settings) as market:
        yield market


@pytest.fixture
def market(served: Market) -> Market:
    served.reset_stats()
    return served


@pytest.fixture
def place(market: Market, database: Database, tmp_path: Path) -> Workplace:
    return Workplace(
        worker="test", environment=market.environment, home=tmp_path, database=database, permit=lambda: None
    )


@pytest.fixture
def handler(place: Workplace) -> Handler[ProcessingTask]:
    return processing.build(place)


def _task(quote: Quote, run_id: str = "manual__2026-11-21") -> ProcessingTask:
    return processing_task(run_id, quote, NOW)


def _listed(place: Workplace, region: str, size: int = 30) -> list[Quote]:
    import yfinance

    yahoo = Yahoo.from_env(place.environment, place.home / "listing")
    query = yfinance.EquityQuery("eq", ["region", region])
    found = yahoo.call("the screener", lambda: yfinance.screen(query, size=size))
    return quotes.fetch(yahoo, [row["symbol"] for row in found["quotes"]], region)


def _rows(database: Database, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _requests(market: Market) -> dict[str, int]:
    kinds = market.stats()["vendors"]["yahoo"]["kinds"]
    return {kind: counted["requests"] for kind, counted in kinds.items()}


def test_a_task_becomes_its_rows_in_one_transaction(place: Workplace, database: Database) -> None:
    quote = _listed(place, "us")[0]
    task = _task(quote)
    effect = processing.build(place).handle(task, ATTEMPT)
    done = effect.completion
    assert isinstance(done, ProcessingCompleted)
    assert (done.task_id, done.symbol, done.key, done.worker) == (task.task_id, quote.symbol, quote.symbol, "test")
    stored = _rows(database, "SELECT run_id, observed_at > %s FROM financial_ratios", NOW)
    assert len(stored) == done.rows > 4
    assert set(stored) == {(task.run_id, True)}
    assert done.ok > done.rows * 20
    assert _rows(database, "SELECT name FROM stocks WHERE symbol = %s", quote.symbol) == [(quote.name,)]
    assert _rows(database, "SELECT count(*) FROM quotes") == [(1,)]
    assert _rows(database, "SELECT task_id::text FROM effects") == [(task.task_id,)]
    ((statements,),) = _rows(database, "SELECT count(*) FROM fundamentals")
    assert statements > 4


def test_a_price_stands_on_one_row_only(place: Workplace, database: Database) -> None:
    quote = _listed(place, "us")[0]
    processing.build(place).handle(_task(quote), ATTEMPT)
    dated = _rows(database, "SELECT period_type, price_at FROM financial_ratios WHERE price_at IS NOT NULL")
    assert dated == [("trailing", quote.price_at)]


def test_the_same_task_again_changes_nothing(
    place: Workplace, handler: Handler[ProcessingTask], database: Database
) -> None:
    task = _task(_listed(place, "us")[1])
    first = handler.handle(task, ATTEMPT)
    before = _rows(database, "SELECT count(*) FROM fundamentals")
    second = handler.handle(task, msgspec.structs.replace(ATTEMPT, number=2))
    assert second == first
    assert _rows(database, "SELECT count(*) FROM fundamentals") == before
    assert _rows(database, "SELECT count(*) FROM effects") == [(1,)]


def test_a_hundred_stocks_of_five_regions_cost_little_more_than_a_request_each(
    place: Workplace, handler: Handler[ProcessingTask], market: Market
) -> None:
    listed = [quote for region in ("us", "gb", "jp", "br", "de") for quote in _listed(place, region, 20)]
    market.reset_stats()
    for quote in listed:
        handler.handle(_task(quote), ATTEMPT)
    asked = _requests(market)
    assert asked["fundamentals"] == len({q.symbol for q in listed}) == 100
    assert asked.get("quote", 0) <= 2  # every exchange rate comes by one request


def test_an_exchange_rate_is_dated_and_shared(
    place: Workplace, handler: Handler[ProcessingTask], database: Database, market: Market
) -> None:
    abroad = [q for r in ("us", "gb", "de") for q in _listed(place, r) if q.currency not in (None, "GBp")]
    abroad = [q for q in abroad if q.financial_currency not in (None, q.currency)]
    if not abroad:
        pytest.skip("this market has no stock that reports in another currency")
    handler.handle(_task(abroad[0]), ATTEMPT)
    assert _rows(database, "SELECT count(*) > 30, min(quoted_in) FROM exchange_rates") == [(True, "USD")]
    market.reset_stats()
    processing.build(place).handle(_task(abroad[0]), ATTEMPT)  # another worker finds them in the database
    assert "quote" not in _requests(market)


def test_a_stock_without_statements_completes_with_a_warning(
    handler: Handler[ProcessingTask], database: Database
) -> None:
    quote = Quote(symbol="NOSUCHSYMBOL", region="us", observed_at=NOW, price=1.0, price_at=NOW)
    done = handler.handle(_task(quote), ATTEMPT).completion
    assert isinstance(done, ProcessingCompleted)
    assert (done.rows, done.ok) == (0, 0)
    assert "no statements" in done.warnings[0]
    assert _rows(database, "SELECT count(*) FROM effects") == [(1,)]


def test_a_refusal_leaves_no_trace_and_is_retried(
    place: Workplace, handler: Handler[ProcessingTask], database: Database, market: Market
) -> None:
    quote = _listed(place, "us")[0]
    market.strike("fundamentals", "refusal-200")
    with pytest.raises(Transient):
        handler.handle(_task(quote), ATTEMPT)
    assert _rows(database, "SELECT count(*) FROM effects") == [(0,)]
    assert handler.handle(_task(quote), ATTEMPT).completion


def test_a_price_that_missed_its_session_is_marked_with_its_day(
    place: Workplace, handler: Handler[ProcessingTask], database: Database, market: Market
) -> None:
    fresh = _listed(place, "us")[0]
    assert fresh.price_at is not None
    old = msgspec.structs.replace(fresh, price_at=fresh.price_at - timedelta(days=7))
    done = handler.handle(_task(old), ATTEMPT).completion
    assert isinstance(done, ProcessingCompleted)
    assert any(str(old.price_at.date()) in warning for warning in done.warnings if old.price_at)
    ((statuses, provenance),) = _rows(
        database, "SELECT statuses, provenance FROM financial_ratios WHERE price_at IS NOT NULL"
    )
    assert "STALE" in statuses.values()
    assert provenance["exchange_was_closed"] in (True, False)


def test_a_task_that_waited_for_hours_gets_a_new_price(
    place: Workplace, handler: Handler[ProcessingTask], database: Database
) -> None:
    fresh = _listed(place, "us")[0]
    waited = msgspec.structs.replace(fresh, observed_at=NOW - timedelta(hours=7), price=1.0, sector="Technology")
    handler.handle(_task(waited), ATTEMPT)
    ((stored,),) = _rows(database, "SELECT quote FROM quotes")
    assert (stored["price"], stored["sector"]) == (fresh.price, "Technology")


def test_what_was_not_yet_observed_is_refused(
    place: Workplace, handler: Handler[ProcessingTask], database: Database
) -> None:
    quote = _listed(place, "us")[0]
    handler.handle(_task(quote), ATTEMPT)
    ((seen_at,),) = _rows(database, "SELECT min(first_seen_at) FROM fundamentals")
    seen_on = seen_at.astimezone(UTC).date()
    assert len(appraised_as_of(database, quote.symbol, seen_on).rows) > 4
    with pytest.raises(ConfigurationError, match="first observed"):
        appraised_as_of(database, quote.symbol, seen_on - timedelta(days=1))
    with pytest.raises(ConfigurationError, match="never observed"):
        appraised_as_of(database, "AAPL.XX", seen_on)


def test_apples_fiscal_2024_equals_financetoolkits_figures(
    place: Workplace, handler: Handler[ProcessingTask], database: Database
) -> None:
    folder = os.environ.get("STOCKS_RECORDINGS")
    if not folder:
        pytest.skip("STOCKS_RECORDINGS names no folder of recorded answers")
    yahoo = Yahoo.from_env(place.environment, place.home / "apple")
    handler.handle(_task(quotes.fetch(yahoo, ["AAPL"], "us")[0]), ATTEMPT)
    expected = _financetoolkit(Path(folder), "AAPL", "2024-09-30")
    names = [name for name in expected if name in CATALOG and name not in OTHER_FORMULA]
    columns = ", ".join(names)
    ((*found,),) = _rows(
        database,
        f"SELECT {columns} FROM financial_ratios WHERE symbol = 'AAPL' AND period_type = 'annual' AND period_end = %s",
        date(2024, 9, 30),
    )
    assert len(names) > 20
    assert dict(zip(names, found, strict=True)) == {n: pytest.approx(expected[n], rel=1e-6) for n in names}


# Our formula differs: invested capital, EBIT, trade working capital and cash costs instead of FinanceToolkit's.
OTHER_FORMULA = {
    "return_on_invested_capital",
    "return_on_capital_employed",
    "short_term_coverage_ratio",
    "defensive_interval_ratio",
}
OUR_NAMES = {
    "r_d_intensity_ratio": "r_d_to_revenue_ratio",
    "sbc_to_revenue_ratio": "stock_based_compensation_to_revenue_ratio",
}


def _financetoolkit(folder: Path, symbol: str, period_end: str) -> dict[str, float]:
    with (folder / "financetoolkit" / "ft_expected.csv").open() as lines:
        found = {
            snake_case(row["ratio"]): float(row["expected"])
            for row in csv.DictReader(lines)
            if (row["symbol"], row["period_end"]) == (symbol, period_end)
        }
    return {OUR_NAMES.get(name, name): value for name, value in found.items()}


def test_a_stock_that_looks_like_a_bank_is_asked_for_its_sector_once(
    place: Workplace, handler: Handler[ProcessingTask], market: Market, database: Database
) -> None:
    yahoo = Yahoo.from_env(place.environment, place.home / "listing")
    listed = QueryScreener(yahoo).sectors("us", Band(), 30)
    bank = next(quote for quote in listed if quote.industry == "Banks")
    maker = next(quote for quote in listed if quote.sector == "Industrials" and quote.financial_currency == "USD")
    market.reset_stats()

    for quote in (bank, maker):
        unlabelled = msgspec.structs.replace(quote, sector=None, industry=None, financial_currency="USD")
        handler.handle(_task(unlabelled), ATTEMPT)

    asked = _requests(market)
    assert (asked["fundamentals"], asked["summary"]) == (2, 1)
    known = _rows(database, "SELECT symbol, sector FROM stocks WHERE sector IS NOT NULL")
    assert known == [(bank.symbol, "Financial Services")]
    ((statuses,),) = _rows(database, "SELECT statuses FROM latest_ratios WHERE symbol = %s", bank.symbol)
    assert statuses["enterprise_value"] == "NOT_APPLICABLE_SECTOR"
