"""Exchange rates of the local market, counted by its own statistics."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from include.contracts.fundamentals import Fundamentals, Statement
from include.contracts.quotes import Quote
from include.errors import Transient
from include.market.server import Market, MarketSettings
from include.scrapers.yahoo import Yahoo
from include.stores.postgres import Database
from include.workers.appraisal import in_currency_of
from include.workers.rates import SharedRates

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with Market(MarketSettings(home=tmp_path_factory.mktemp("market"), stocks_per_region=2)) as market:
        yield market


@pytest.fixture
def yahoo(served: Market, tmp_path: Path) -> Yahoo:
    served.reset_stats()
    return Yahoo.from_env(served.environment, tmp_path)


def _asked(market: Market) -> int:
    kinds = market.stats()["vendors"].get("yahoo", {"kinds": {}})["kinds"]
    found: int = kinds.get("exchange-rate", {"requests": 0})["requests"]
    return found


def test_one_request_serves_all_threads_and_all_usual_currencies(served: Market, yahoo: Yahoo) -> None:
    rates = SharedRates(yahoo, None)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda c: rates.between([c, "GBP"]), ["USD", "EUR", "JPY", "BRL"] * 4))
    assert all(len(pairs) == 2 for pairs in found)
    assert rates.between(["CHF", "SEK", "NOK"])["CHF", "NOK"].rate > 0
    assert _asked(served) == 1


def test_one_currency_needs_no_rate(served: Market, yahoo: Yahoo) -> None:
    assert SharedRates(yahoo, None).between(["GBP"]) == {}
    assert _asked(served) == 0


def test_a_currency_that_nobody_knows_is_asked_for_once(served: Market, yahoo: Yahoo) -> None:
    rates = SharedRates(yahoo, None)
    for _ in range(3):
        assert rates.between(["USD", "XXX"]) == {}
    assert _asked(served) == 1


def test_a_currency_that_nobody_knows_is_none_when_it_is_met_after_the_usual_ones(served: Market, yahoo: Yahoo) -> None:
    rates = SharedRates(yahoo, None)
    rates.between(["USD", "JPY"])
    assert rates.between(["USD", "XXX"]) == {}
    assert rates.between(["JPY", "XXX"]) == {}
    assert _asked(served) == 2


def test_a_currency_that_nobody_knows_is_none_whatever_request_it_comes_in(yahoo: Yahoo) -> None:
    assert list(SharedRates(yahoo, None).between(["USD", "EUR", "ZZZ"])) == [("EUR", "USD"), ("USD", "EUR")]


def test_a_source_that_knows_no_currency_for_once_is_asked_again(served: Market, yahoo: Yahoo) -> None:
    rates = SharedRates(yahoo, None)
    served.strike("exchange-rate", "none-known")
    with pytest.raises(Transient, match="gave no exchange rate"):
        rates.between(["USD", "EUR"])
    assert len(rates.between(["USD", "EUR"])) == 2


def test_a_source_that_goes_on_knowing_none_leaves_currencies_unresolved(served: Market, yahoo: Yahoo) -> None:
    rates = SharedRates(yahoo, None, patience=timedelta(0))
    served.strike("exchange-rate", "none-known")
    assert rates.between(["USD", "EUR"]) == {}
    assert rates.between(["USD", "EUR"]) == {}  # without another request
    assert _asked(served) == 1


def test_a_failed_request_is_not_remembered_as_an_unknown_rate(served: Market, yahoo: Yahoo) -> None:
    rates = SharedRates(yahoo, None)
    served.strike("exchange-rate", "500")
    with pytest.raises(Transient):
        rates.between(["USD", "EUR"])
    assert len(rates.between(["USD", "EUR"])) == 2


@pytest.mark.stack
def test_what_one_process_asked_for_the_others_find_until_it_is_old(
    served: Market, yahoo: Yahoo, database: Database
) -> None:
    first = SharedRates(yahoo, database).between(["USD", "EUR"])
    assert SharedRates(yahoo, database).between(["USD", "EUR"]) == first
    assert _asked(served) == 1
    SharedRates(yahoo, database, kept_for=timedelta(0)).between(["USD", "EUR"])
    assert _asked(served) == 2


def test_statements_without_a_currency_are_in_the_one_that_the_company_reports_in() -> None:
    bare = Statement("annual", date(2025, 9, 30), None, {"TotalRevenue": 1.0})
    said = Statement("annual", date(2024, 9, 30), "EUR", {"TotalRevenue": 1.0})
    quote = Quote(symbol="X", region="us", observed_at=NOW, currency="USD", financial_currency="CNY")
    found = in_currency_of(Fundamentals("X", NOW, (said, bare)), quote)
    assert [statement.currency for statement in found.statements] == ["EUR", "CNY"]
