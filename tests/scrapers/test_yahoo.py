"""Every trap of yfinance, sprung by the local market; what a request costs is read from the market's own counts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from yfinance.data import YfData

from include.errors import ConfigurationError, Transient, Unfit
from include.market.server import Market, MarketSettings
from include.ratios.rows import TYPES
from include.scrapers import quotes
from include.scrapers.statements import StatementSource, public
from include.scrapers.yahoo import Yahoo
from include.scrapers.yahoo_failures import NotFound


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    settings = MarketSettings(home=tmp_path_factory.mktemp("served"), stocks_per_region=8)
    with Market(settings) as market:
        yield market


@pytest.fixture
def calm(served: Market) -> Market:
    served.reset_stats()
    return served


@pytest.fixture
def yahoo(calm: Market, tmp_path: Path) -> Yahoo:
    return Yahoo.from_env(calm.environment, tmp_path)


def _requests(market: Market) -> dict[str, int]:
    kinds = market.stats()["vendors"].get("yahoo", {"kinds": {}})["kinds"]
    return {kind: counted["requests"] for kind, counted in kinds.items()}


def _symbols(yahoo: Yahoo) -> list[str]:
    import yfinance

    query = yfinance.EquityQuery("eq", ["region", "us"])
    found = yahoo.call("the screener", lambda: yfinance.screen(query, size=8))
    return [quote["symbol"] for quote in found["quotes"]]


@pytest.fixture
def symbol(yahoo: Yahoo, calm: Market) -> str:
    found = _symbols(yahoo)[0]
    calm.reset_stats()
    return found


def _one(yahoo: Yahoo, symbol: str) -> str:
    return quotes.fetch(yahoo, [symbol], "us")[0].symbol


def test_a_process_opens_one_session_and_then_asks_nothing_twice(calm: Market, yahoo: Yahoo) -> None:
    symbols = _symbols(yahoo)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda s: _one(yahoo, s), symbols)) == symbols
    assert _requests(calm) == {"cookie": 1, "crumb": 1, "screener": 1, "quote": len(symbols)}


def test_all_statements_of_a_stock_are_one_request(calm: Market, yahoo: Yahoo, symbol: str) -> None:
    fundamentals = StatementSource(yahoo, TYPES).fetch(symbol)
    assert {s.period_type for s in fundamentals.statements} >= {"annual", "trailing"}
    assert _requests(calm) == {"fundamentals": 1}


def test_the_cookie_outlives_the_process(calm: Market, tmp_path: Path) -> None:
    for _ in range(2):
        _symbols(Yahoo.from_env(calm.environment, tmp_path))
    assert _requests(calm)["cookie"] == 1


@pytest.mark.parametrize("fault", ["429", "429-retry-after", "500", "502", "503", "reset", "truncated", "refusal-200"])
def test_a_failure_is_raised_once_costs_one_request_and_is_not_remembered(
    calm: Market, yahoo: Yahoo, symbol: str, fault: str
) -> None:
    calm.strike("fundamentals", fault)
    source = StatementSource(yahoo, TYPES)
    with pytest.raises(Transient) as failed:
        source.fetch(symbol)
    assert (failed.value.source == "yahoo") == fault.startswith("429")
    assert (failed.value.retry_after_s is not None) == (fault in ("429-retry-after", "503"))
    assert source.fetch(symbol).statements
    assert _requests(calm) == {"fundamentals": 2}


@pytest.mark.parametrize("fault", ["429", "500", "truncated"])
def test_yfinances_own_calls_fail_as_clearly_and_as_cheaply(
    calm: Market, yahoo: Yahoo, symbol: str, fault: str
) -> None:
    calm.strike("fundamentals", fault)
    with pytest.raises(Transient):
        yahoo.call(symbol, lambda: _income_statement(symbol))
    assert len(yahoo.call(symbol, lambda: _income_statement(symbol))) > 0
    # A truncated body may be asked for in chunks by yfinance itself before it gives up; a status never is.
    assert _requests(calm)["fundamentals"] == 2


def _income_statement(symbol: str) -> object:
    import yfinance

    return yfinance.Ticker(symbol).get_income_stmt(as_dict=True, pretty=False)


@pytest.mark.parametrize("fault", ["429", "503"])
def test_a_refused_crumb_request_fails_the_task_and_is_never_taken_for_a_crumb(
    calm: Market, yahoo: Yahoo, fault: str
) -> None:
    calm.strike("crumb", fault)
    with pytest.raises(Transient):
        _symbols(yahoo)
    assert _symbols(yahoo)
    assert _requests(calm)["crumb"] == 2


def test_a_crumb_that_went_stale_is_replaced_once_for_all_threads(calm: Market, yahoo: Yahoo) -> None:
    symbols = _symbols(yahoo)
    calm.reset_stats()
    YfData()._crumb = "wentstale"
    together = threading.Barrier(len(symbols))

    def ask(symbol: str) -> str:
        together.wait()
        return _one(yahoo, symbol)

    with ThreadPoolExecutor(len(symbols)) as threads:
        assert list(threads.map(ask, symbols)) == symbols
    asked = _requests(calm)
    assert len(symbols) < asked["quote"] <= 2 * len(symbols)
    assert (asked["crumb"], asked["cookie"]) == (1, 1)


def test_a_session_that_stays_refused_fails_the_task_and_tries_the_other_way_to_a_cookie(
    calm: Market, yahoo: Yahoo, symbol: str
) -> None:
    calm.strike("quote", "bad-crumb", "bad-crumb")
    with pytest.raises(Transient, match="session"):
        _one(yahoo, symbol)
    assert _one(yahoo, symbol) == symbol
    assert _requests(calm)["consent"] > 0


def test_a_cookie_that_is_refused_when_a_crumb_is_asked_for_is_thrown_away(calm: Market, yahoo: Yahoo) -> None:
    calm.strike("crumb", "bad-cookie")
    assert _symbols(yahoo)
    assert _requests(calm)["cookie"] == 2


def test_an_unknown_symbol_is_permanent_or_absent(calm: Market, yahoo: Yahoo) -> None:
    from include.scrapers.business import URL

    with pytest.raises(NotFound, match="NOSUCHSYMBOL"):
        yahoo.ask(URL + "NOSUCHSYMBOL", {"modules": "assetProfile"}, "NOSUCHSYMBOL", bytes)
    assert quotes.fetch(yahoo, ["NOSUCHSYMBOL"], "us") == []
    assert StatementSource(yahoo, TYPES).fetch("NOSUCHSYMBOL").statements == ()
    assert _requests(calm)["crumb"] == 1


def test_a_request_that_is_too_long_is_halved_from_then_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Market(MarketSettings(home=tmp_path, stocks_per_region=8, max_target_bytes=4000)) as market:
        yahoo = Yahoo.from_env(market.environment, tmp_path / "yahoo")
        first, second = _symbols(yahoo)[:2]
        source = StatementSource(yahoo, TYPES)
        assert source.fetch(first).statements
        assert _requests(market)["fundamentals"] == 3
        assert source.fetch(second).statements
        assert _requests(market)["fundamentals"] == 5
    assert "in two requests per stock from now on" in caplog.text


def test_yfinances_public_calls_find_the_same_statements(calm: Market, yahoo: Yahoo, symbol: str) -> None:
    raw = StatementSource(yahoo, TYPES).fetch(symbol)
    by_calls = public(yahoo, symbol, TYPES, raw.observed_at)
    assert by_calls.statements
    found = {(s.period_type, s.period_end): s.lines for s in raw.statements}
    for statement in by_calls.statements:
        assert statement.lines == found[statement.period_type, statement.period_end]
    assert _requests(calm) == {"fundamentals": 9}


def test_an_untrusted_certificate_stops_the_worker(calm: Market, tmp_path: Path) -> None:
    import certifi

    yahoo = Yahoo(tmp_path, proxy_url=calm.url, ca_file=certifi.where())
    with pytest.raises(Unfit, match="REQUESTS_CA_BUNDLE"):
        _symbols(yahoo)


def test_a_proxy_that_is_down_is_no_answer(calm: Market, tmp_path: Path) -> None:
    yahoo = Yahoo(tmp_path, proxy_url="http://127.0.0.1:9", ca_file=calm.environment["SSL_CERT_FILE"])
    with pytest.raises(Transient, match="no answer"):
        _symbols(yahoo)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="STOCKS_HOME"):
        Yahoo(tmp_path / "file" / "yahoo")


def test_the_quota_is_asked_before_every_request_even_the_hidden_ones(calm: Market, tmp_path: Path) -> None:
    drawn: list[None] = []
    yahoo = Yahoo.from_env(calm.environment, tmp_path, before_request=lambda: drawn.append(None))
    _symbols(yahoo)
    assert len(drawn) == sum(_requests(calm).values())


def test_an_empty_quota_holds_the_request_back(calm: Market, tmp_path: Path) -> None:
    def empty() -> None:
        raise Transient("the quota of yahoo is empty", source="yahoo")

    yahoo = Yahoo.from_env(calm.environment, tmp_path, before_request=empty)
    with pytest.raises(Transient, match="empty"):
        _symbols(yahoo)
    assert _requests(calm) == {}


def test_bodies_are_not_kept(calm: Market, yahoo: Yahoo, symbol: str) -> None:
    kept: Callable[[], int] = lambda: yahoo._data.cache_get.cache_info().currsize  # noqa: E731
    public(yahoo, symbol, TYPES, quotes.fetch(yahoo, [symbol], "us")[0].observed_at)
    assert kept() == 0
