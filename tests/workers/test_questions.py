"""What a person asks at the command line, answered from the local market; and refusals that name the way out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from include.errors import ConfigurationError, Permanent
from include.market.server import Market, MarketSettings
from include.ratios.catalog import CATALOG
from include.stack.database import database_variables
from include.stores import fundamentals
from include.stores import quotes as stored_quotes
from include.stores.postgres import Database
from include.workers import questions
from include.workers.answers import Now

Ask = Callable[..., Result]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    recordings = os.environ.get("STOCKS_RECORDINGS")
    settings = MarketSettings(
        home=tmp_path_factory.mktemp("market"),
        stocks_per_region=5,
        recordings=Path(recordings) if recordings else None,
    )
    with Market(settings) as served:
        yield served


@pytest.fixture
def environment(market: Market, tmp_path: Path) -> dict[str, str]:
    return dict(market.environment) | {"STOCKS_HOME": str(tmp_path), "COLUMNS": "160"}


@pytest.fixture
def ask(environment: dict[str, str]) -> Ask:
    app = typer.Typer()
    questions.register(app)

    def asked(*words: str) -> Result:
        return CliRunner().invoke(app, words, env=environment)

    return asked


@pytest.fixture
def symbol(environment: dict[str, str], tmp_path: Path) -> str:
    import yfinance

    from include.scrapers.yahoo import Yahoo

    yahoo = Yahoo.from_env(environment, tmp_path / "listing")
    query = yfinance.EquityQuery("eq", ["region", "gb"])
    found: str = yahoo.call("the screener", lambda: yfinance.screen(query, size=1))["quotes"][0]["symbol"]
    return found


def test_ratios_as_json_hold_every_ratio_of_every_period(ask: Ask, symbol: str) -> None:
    result = ask("ratios", symbol, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer.keys() == {"symbol", "currency", "sector_profile", "periods"}
    assert answer["symbol"] == symbol
    assert answer["sector_profile"] != "unknown"
    assert {period["period_type"] for period in answer["periods"]} >= {"annual", "trailing"}
    for period in answer["periods"]:
        assert period["ratios"].keys() == CATALOG.keys()
        assert all(one.keys() == {"value", "status"} for one in period["ratios"].values())


def test_several_stocks_are_a_line_each(ask: Ask, symbol: str) -> None:
    lines = ask("ratios", symbol, symbol, "--json").stdout.splitlines()
    assert [json.loads(line)["symbol"] for line in lines] == [symbol, symbol]


def test_a_table_shows_the_priced_year_first(ask: Ask, symbol: str) -> None:
    shown = ask("ratios", symbol).output
    assert symbol in shown
    assert shown.index("trailing") < shown.index("annual")
    assert "Current Ratio" in shown


def test_a_narrow_table_says_what_it_leaves_out(ask: Ask, symbol: str, environment: dict[str, str]) -> None:
    environment["COLUMNS"] = "80"
    shown = ask("ratios", symbol).output
    assert "annual" not in shown
    assert "periods more in a wider terminal; all of them: --json" in shown


def test_an_explanation_tells_formula_inputs_and_rows(ask: Ask, symbol: str) -> None:
    result = ask("explain", symbol, "Net Profit Margin", "--period", "annual", "--json")
    assert result.exit_code == 0, result.output
    why = json.loads(result.stdout)
    assert why["formula"] == "net_income / revenue"
    amounts = {one["name"]: one["value"] for one in why["inputs"]}
    assert why["value"] == pytest.approx(amounts["net_income"] / amounts["revenue"])
    assert {row["row"] for one in why["inputs"] for row in one["rows"]} >= {"NetIncome"}
    assert "net_income / revenue" in ask("explain", symbol, "net_profit_margin").output


def test_the_list_has_every_ratio(ask: Ask) -> None:
    assert [one["name"] for one in json.loads(ask("ratios", "--list", "--json").stdout)] == list(CATALOG)
    assert "current_ratio" in ask("ratios", "--list").output


def test_a_ratio_that_does_not_exist_is_answered_with_those_that_are_near(ask: Ask, symbol: str) -> None:
    failed = ask("explain", symbol, "curent_ratio").exception
    assert isinstance(failed, ConfigurationError)
    assert "current_ratio" in str(failed)


def test_a_ratio_that_does_not_exist_costs_no_request(ask: Ask) -> None:
    # Were the source asked first, it would say that it knows no such symbol.
    failed = ask("explain", "NOSUCHSYMBOL", "nope").exception
    assert isinstance(failed, ConfigurationError)
    assert "'nope' is no ratio" in str(failed)


def test_an_unknown_symbol_is_named(ask: Ask) -> None:
    failed = ask("ratios", "NOSUCHSYMBOL").exception
    assert isinstance(failed, Permanent)
    assert "NOSUCHSYMBOL" in str(failed)


@pytest.mark.parametrize("kind", ["quote", "fundamentals", "summary"])
def test_a_refusal_that_passes_costs_no_answer(ask: Ask, symbol: str, market: Market, kind: str) -> None:
    whole = ask("ratios", symbol, "--json").stdout
    market.strike(kind, "502")
    result = ask("ratios", symbol, "--json")
    assert result.exit_code == 0, repr(result.exception)
    assert result.stdout == whole


def test_one_unknown_symbol_of_several_is_named_and_costs_no_other(ask: Ask, symbol: str) -> None:
    result = ask("ratios", "NOSUCHSYMBOL", symbol, "--json")

    assert [json.loads(line)["symbol"] for line in result.stdout.splitlines() if line.startswith("{")] == [symbol]
    assert isinstance(result.exception, Permanent)
    assert "1 of 2 symbols have no answer: NOSUCHSYMBOL" in str(result.exception)


@pytest.mark.skipif("STOCKS_RECORDINGS" not in os.environ, reason="STOCKS_RECORDINGS names no folder of recordings")
def test_a_stock_without_a_quote_has_the_ratios_that_need_no_price(ask: Ask) -> None:
    answer = json.loads(ask("ratios", "7203.T", "--json").stdout)  # its statements were recorded, its quote was not
    latest = answer["periods"][-1]["ratios"]

    assert (answer["currency"], answer["sector_profile"]) == ("JPY", "general")
    assert latest["operating_margin"]["value"] == pytest.approx(0.0998, abs=5e-5)  # 4,795.6 of 48,036.7 billion yen
    assert latest["price_to_sales"] == {"value": None, "status": "MISSING_INPUT"}


def test_an_explanation_cuts_no_name_and_no_number(ask: Ask, symbol: str, environment: dict[str, str]) -> None:
    environment["COLUMNS"] = "80"
    for ratio in ("price_to_earnings", "altman_z_score", "free_cash_flow_margin"):
        known = json.loads(ask("explain", symbol, ratio, "--json").stdout)
        words = ask("explain", symbol, ratio).output.replace(":", " ").replace(",\n", " ").split()
        assert {one["name"] for one in known["inputs"]} <= set(words)
        assert {row["row"] for one in known["inputs"] for row in one["rows"]} <= set(words)
        whole = {f"{one['value']:,.0f}" for one in known["inputs"] if abs(one["value"] or 0) >= 1e6}
        assert whole
        assert whole <= set(words)


@pytest.mark.parametrize("words", [["ratios"], ["ratios", "AAPL", "--as-of", "yesterday"], ["explain", "AAPL"]])
def test_wrong_usage_ends_with_2(ask: Ask, words: list[str]) -> None:
    assert ask(*words).exit_code == 2


def test_a_past_day_needs_the_database(ask: Ask) -> None:
    failed = ask("ratios", "AAPL", "--as-of", "2026-03-01").exception
    assert isinstance(failed, ConfigurationError)
    assert "DB_USER" in str(failed)


@pytest.mark.stack
def test_a_past_day_is_answered_from_what_was_observed(
    ask: Ask, symbol: str, environment: dict[str, str], database: Database
) -> None:
    now = Now.from_env(environment).of(symbol)
    with database.transaction() as connection:
        fundamentals.store(connection, now.stock.fundamentals)
        assert now.stock.quote is not None
        stored_quotes.store(connection, now.stock.quote)
    environment |= database_variables(database.parameters)
    today = datetime.now(UTC).date().isoformat()
    answered = ask("ratios", symbol, "--json", "--as-of", today)
    assert answered.exit_code == 0, repr(answered.exception)
    then = json.loads(answered.stdout)
    assert [(p["period_type"], p["period_end"]) for p in then["periods"]] == [
        (row.period_type, row.period_end.isoformat()) for row in now.rows
    ]
    refused = ask("ratios", symbol, "--as-of", "2020-01-01").exception
    assert isinstance(refused, ConfigurationError)
    assert "first observed" in str(refused)
