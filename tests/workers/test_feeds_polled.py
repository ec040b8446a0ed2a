"""The polled feeds against the local market, into a real broker and a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from feed_trials import CANARY, messages, once, requests, rows, running_feed, until

from include.contracts.prices import Price, TradingAsset
from include.contracts.topics import STOCK_PRICES, TRADING_ASSETS
from include.errors import ConfigurationError
from include.market.server import Market
from include.stores import feed_book
from include.stores.postgres import Database
from include.transport.codec import decode


def test_polygon_sends_prices_with_names_and_asks_for_names_once(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    first = once("polygon", environment, POLYGON_SYMBOLS="AAPL,MSFT,NOZZZ")
    second = once("polygon", environment, POLYGON_SYMBOLS="AAPL,MSFT,NOZZZ")
    assert (first.sent, first.failed, first.cache_hit_rate) == (2, 1, 0)
    assert "NOZZZ" in first.failures["NOZZZ"]
    assert (second.sent, second.cache_hit_rate) == (2, 1)
    assert requests(market, "polygon", "reference") == 2
    found = messages(kafka, STOCK_PRICES.name, 4)
    prices = [decode(message.value(), Price) for message in found]
    assert {message.key() for message in found} == {b"AAPL", b"MSFT"}
    assert {price.name for price in prices} == {"Aapl Incorporated", "Msft Incorporated"}
    assert len({price.price_id for price in prices}) == 2
    assert rows(database, "SELECT symbol, failure IS NULL FROM feed_symbols ORDER BY 1") == [
        ("AAPL", True),
        ("MSFT", True),
        ("NOZZZ", False),
    ]


@pytest.mark.parametrize("fault", ["429", "429-retry-after", "500", "503", "refusal-200", "reset", "truncated"])
def test_a_fault_that_passes_costs_no_price(market: Market, environment: dict[str, str], fault: str) -> None:
    market.strike("previous-bar", fault)
    assert once("polygon", environment, POLYGON_SYMBOLS="AAPL").sent == 1


def test_a_missing_field_fails_its_symbol_and_the_others_go_on(market: Market, environment: dict[str, str]) -> None:
    market.strike("previous-bar", "missing-fields")
    found = once("polygon", environment, POLYGON_SYMBOLS="AAPL,MSFT")
    assert (found.sent, set(found.failures)) == (1, {"AAPL"})


def test_a_vendor_that_is_away_is_not_asked_for_everybody(market: Market, environment: dict[str, str]) -> None:
    market.strike("previous-bar", *["reset"] * 5)
    symbols = ",".join(f"S{n}" for n in range(9))
    found = once("polygon", environment, POLYGON_SYMBOLS=symbols, RETRY_ATTEMPTS="0")
    assert (len(found.failures), len(found.skipped), found.succeeded) == (5, 4, False)
    assert found.why_skipped is not None
    assert "5 questions in a row" in found.why_skipped


def test_six_hours_of_names_cost_a_fifth_of_the_calls_at_most(market: Market, environment: dict[str, str]) -> None:
    rates = [once("polygon", environment, POLYGON_SYMBOLS="AAPL,MSFT").cache_hit_rate for _round in range(6)]
    assert rates == [0, 1, 1, 1, 1, 1]
    # Without the cache every price is one call for its name.
    assert requests(market, "polygon", "previous-bar") == 12
    assert requests(market, "polygon", "reference") <= 0.2 * 12


def test_a_refused_key_names_its_variable(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="POLYGON_API_KEY is refused"):
        once("polygon", environment, POLYGON_API_KEY="revoked-key")


def test_brapi_falls_back_to_one_ticker_per_call_and_remembers_it(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    tickers = {"BRAPI_TICKERS": "PETR4,NOZZ3,NOZZZ3,VALE3,MXRF11", "BRAPI_QUOTA": "100/s 15000/month"}
    found = once("brapi", environment, **tickers)
    assert (found.sent, set(found.failures)) == (4, {"NOZZZ3"})
    assert requests(market, "brapi", "brapi-quote") == 6  # all at once, which the plan refuses, then each
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM feed_symbols")
    once("brapi", environment, **tickers)
    assert requests(market, "brapi", "brapi-quote") == 11
    assets = [decode(message.value(), TradingAsset) for message in messages(kafka, TRADING_ASSETS.name, 8)]
    assert {asset.ticker for asset in assets} == {"PETR4", "NOZZ3", "VALE3", "MXRF11"}


def test_brapi_asks_for_all_at_once_where_the_plan_allows_it(market: Market, environment: dict[str, str]) -> None:
    found = once("brapi", environment, BRAPI_TICKERS="PETR4,VALE3,MXRF11", BRAPI_TOKEN="paid-brapi-token")
    assert found.sent == 3
    assert requests(market, "brapi", "brapi-quote") == 1


def test_one_unknown_ticker_costs_the_batch_nothing(market: Market, environment: dict[str, str]) -> None:
    found = once("brapi", environment, BRAPI_TICKERS="PETR4,NOZZZ3,VALE3", BRAPI_TOKEN="paid-brapi-token")
    assert (found.sent, set(found.failures)) == (2, {"NOZZZ3"})


def test_what_a_tight_budget_skips_is_said_and_goes_first_next_time(
    environment: dict[str, str], database: Database
) -> None:
    tight = {"BRAPI_TICKERS": "PETR4,VALE3,MXRF11", "BRAPI_QUOTA": "2/month", "BRAPI_BATCH_SIZE": "1"}
    # One request for the rest of the month: the spread leaves one or two for this round.
    found = once("brapi", environment, **tight)
    assert found.sent + len(found.skipped) == 3
    assert found.skipped
    assert found.why_skipped


def test_alpha_vantage_stops_at_its_quota_and_says_when_it_renews(environment: dict[str, str]) -> None:
    symbols = {"ALPHAVANTAGE_SYMBOLS": "IBM,KO,DIS", "ALPHAVANTAGE_QUOTA": "2/day"}
    found = once("alpha-vantage", environment, **symbols)
    assert (found.sent, found.skipped) == (2, ("DIS",))
    assert found.why_skipped is not None
    assert "alpha-vantage" in found.why_skipped


def test_alpha_vantages_free_plan_is_not_overdrawn_by_a_first_request_that_took_long(
    market: Market, environment: dict[str, str]
) -> None:
    """One more is asked for each refusal. A machine that holds a request up for more than a second may cause one."""

    def asked(key: str) -> int:
        market.reset_stats()
        free = {"ALPHAVANTAGE_API_KEY": key, "ALPHAVANTAGE_QUOTA": "", "ALPHAVANTAGE_SYMBOLS": "IBM,KO,DIS"}
        assert once("alpha-vantage", environment, **free).sent == 3
        return requests(market, "alpha-vantage", "global-quote")

    assert any(asked(f"free-{CANARY}-{number}") == 3 for number in range(3))


def test_alpha_vantages_stalest_symbols_go_first(environment: dict[str, str], database: Database) -> None:
    now = datetime.now(UTC)
    with database.transaction() as connection:
        for age_h, symbol in ((1, "IBM"), (3, "KO"), (2, "DIS")):
            moment = now - timedelta(hours=age_h)
            feed_book.answered(connection, "alpha-vantage", moment, {symbol: moment})
    found = once("alpha-vantage", environment, ALPHAVANTAGE_SYMBOLS="IBM,KO,DIS", ALPHAVANTAGE_QUOTA="2/day")
    assert found.skipped == ("IBM",)


def test_a_long_running_feed_ends_cleanly_when_asked(environment: dict[str, str], database: Database) -> None:
    with running_feed("polygon", environment) as found:
        until(lambda: rows(database, "SELECT 1 FROM feed_states WHERE state = 'waiting' AND sent >= 5"))
    assert found[0].sent >= 5
    assert rows(database, "SELECT state FROM feed_states") == [("stopped",)]
