"""The local market's answers held against recorded real ones: same fields, same types, same odd cases."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from include.errors import ConfigurationError
from include.market.world.world import World, closed_before
from include.market.yahoo.recorded import Recorded
from tests.market.conftest import AS_OF, QUERY

RECORDINGS = os.environ.get("STOCKS_RECORDINGS")
needs_recordings = pytest.mark.skipif(not RECORDINGS, reason="STOCKS_RECORDINGS names no folder of recorded answers")
SERIES = f"{QUERY}/ws/fundamentals-timeseries/v1/finance/timeseries/"
# Fields that real quotes have in some sessions and not in others.
SOMETIMES = {
    "ipoExpectedDate", "lastClosePriceToNNWCPerShare", "lastCloseTevEbitLtm", "preMarketChange",
    "preMarketChangePercent", "preMarketPrice", "preMarketTime", "postMarketChange", "postMarketChangePercent",
    "postMarketPrice", "postMarketTime", "trailingPE", "dividendRate", "dividendYield", "dividendDate",
}  # fmt: skip


def _recorded(name: str) -> Any:
    return json.loads((Path(RECORDINGS or "") / "yahoo" / name).read_text())["body"]


def _type(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return type(value).__name__
    return "number"


def _types(fields: dict[str, Any]) -> dict[str, str]:
    return {name: _type(value) for name, value in fields.items() if name not in SOMETIMES}


def _stock(code: str) -> str:
    """A stock that earns money and pays a dividend, as Apple does."""
    world = World(1, 40, closed_before(AS_OF))
    found = (c for c in world.region(code).values() if c.market_cap and c.payout and world.books(c).dividends)
    return next(found).symbol


def _quote(session, symbol: str) -> dict[str, Any]:
    client, crumb = session
    answer = client.get(f"{QUERY}/v7/finance/quote", params={"symbols": symbol, "crumb": crumb})
    return answer.json()["quoteResponse"]["result"][0]


@pytest.fixture
def session(calm_market, signed_in):
    return signed_in(calm_market)


@needs_recordings
@pytest.mark.parametrize(
    ("name", "region"),
    [("quote/2025-AAPL.json", "us"), ("quote/2025-AZT.OL.json", "no"), ("quote/2025-GOOG.json", "us")],
)
def test_quotes_have_the_real_fields_and_types(session, name: str, region: str) -> None:
    real = _recorded(name)["quoteResponse"]["result"][0]
    assert _types(_quote(session, _stock(region))) == _types(real)


@needs_recordings
def test_currency_pairs_have_the_real_fields_and_types(session) -> None:
    real = _recorded("quote/2025-EURUSD=X.json")["quoteResponse"]["result"][0]
    assert _types(_quote(session, "EURUSD=X")) == _types(real)


@needs_recordings
def test_screens_have_the_real_envelope_and_quotes(session) -> None:
    client, crumb = session
    real = _recorded("screener/dailyGainers.json")["finance"]["result"][0]
    query = {"operator": "EQ", "operands": ["region", "us"]}
    ours = client.post(f"{QUERY}/v1/finance/screener?crumb={crumb}", json={"query": query, "size": 5}).json()
    found = ours["finance"]["result"][0]
    assert set(found) == {"start", "count", "total", "quotes", "useRecords"} <= set(real)
    assert _types(found) == _types({k: real[k] for k in found})
    assert set(_types(found["quotes"][0])) == set(_types(real["quotes"][0]))


@needs_recordings
@pytest.mark.parametrize("frequency", ["annual", "quarterly"])
def test_series_have_the_real_shape(session, frequency: str) -> None:
    real = _recorded(f"timeseries/AAPL-financials-{frequency}.json")["timeseries"]["result"]
    types = [entry["meta"]["type"][0] for entry in real]
    client, _ = session
    ours = client.get(SERIES + _stock("us"), params={"type": ",".join(types)}).json()["timeseries"]["result"]
    assert sorted(entry["meta"]["type"][0] for entry in ours) == sorted(types)
    shapes = [
        {
            (tuple(sorted(_types(point).items())), tuple(sorted(_types(point["reportedValue"]).items())))
            for entry in answer
            for name, points in entry.items()
            if name not in ("meta", "timestamp")
            for point in points
        }
        for answer in (ours, real)
    ]
    assert shapes[0] == shapes[1]
    assert {tuple(sorted(entry["meta"])) for entry in ours} == {tuple(sorted(entry["meta"])) for entry in real}
    spans = [
        {p["periodType"] for e in a for n, ps in e.items() if n not in ("meta", "timestamp") for p in ps}
        for a in (ours, real)
    ]
    assert spans[0] == spans[1]


@needs_recordings
@pytest.mark.parametrize("symbol", ["QQQ", "BTC-USD", "ADH"])
def test_symbols_without_statements_are_answered_as_in_life(session, symbol: str) -> None:
    real = _recorded(f"timeseries/{symbol}-financials-quarterly.json")["timeseries"]["result"]
    client, _ = session
    types = ",".join(entry["meta"]["type"][0] for entry in real)
    ours = client.get(SERIES + symbol, params={"type": types}).json()["timeseries"]["result"]
    key = lambda entry: entry["meta"]["type"]  # noqa: E731
    assert sorted(ours, key=key) == sorted(real, key=key)


@needs_recordings
@pytest.mark.parametrize(
    "module", ["quoteType", "price", "summaryDetail", "defaultKeyStatistics", "financialData", "assetProfile"]
)
def test_modules_have_only_real_fields_of_real_types(session, module: str) -> None:
    real = _recorded("quotesummary/2025-AAPL.json")["quoteSummary"]["result"][0][module]
    client, crumb = session
    ask = {"modules": module, "formatted": "false", "crumb": crumb}
    answer = client.get(f"{QUERY}/v10/finance/quoteSummary/{_stock('us')}", params=ask).json()
    ours = answer["quoteSummary"]["result"][0][module]
    assert {k: _type(v) for k, v in ours.items()}.items() <= {k: _type(v) for k, v in real.items()}.items()


@needs_recordings
def test_charts_have_the_real_shape(session) -> None:
    real = _recorded("chart/rs-history_chart_AAPL.json")["chart"]["result"][0]
    client, _ = session
    ask = {"range": "6mo", "interval": "1d", "events": "div,splits"}
    ours = client.get(f"{QUERY}/v8/finance/chart/{_stock('us')}", params=ask).json()["chart"]["result"][0]
    assert _types(ours["meta"]) == _types(real["meta"])
    assert _types(ours) == _types(real)
    assert set(ours["indicators"]["quote"][0]) == set(real["indicators"]["quote"][0])
    dividends = [next(iter(chart["events"]["dividends"].values())) for chart in (ours, real)]
    assert _types(dividends[0]) == _types(dividends[1])


@needs_recordings
def test_an_empty_chart_is_empty_in_the_real_way(session) -> None:
    real = _recorded("chart/AAPL-2025-02-01-to-2025-02-02-includePrePost-false-interval-1m.json")["chart"]["result"][0]
    client, _ = session
    ask = {"period1": 1738368000, "period2": 1738454400, "interval": "1m"}
    ours = client.get(f"{QUERY}/v8/finance/chart/{_stock('us')}", params=ask).json()["chart"]["result"][0]
    assert ours["indicators"] == real["indicators"]
    assert "timestamp" not in ours
    assert "timestamp" not in real


@needs_recordings
def test_refusals_are_worded_as_recorded(session, calm_market, client_of) -> None:
    client, crumb = session
    ask = {"modules": "earnings", "crumb": crumb}
    answer = client.get(f"{QUERY}/v10/finance/quoteSummary/{_stock('us')}", params=ask)
    real = _recorded("errors/quoteSummary-assetProfile-ADH.json")
    real["quoteSummary"]["error"]["description"] = "No fundamentals data found for any of the summaryTypes=earnings"
    assert (answer.status_code, answer.json()) == (404, real)
    no_cookie = client_of(calm_market).get(f"{QUERY}/v1/test/getcrumb")
    assert (no_cookie.status_code, no_cookie.json()) == (401, _recorded("page-answers/AAPL-01-v1-test-getcrumb.json"))


@needs_recordings
def test_the_crumb_looks_like_a_real_one(session) -> None:
    assert len(session[1]) == len(_recorded("consent/getCrumb-getcrumb.json")) == 11


@needs_recordings
def test_recorded_stocks_are_answered_as_they_were(running, signed_in) -> None:
    session = signed_in(running(recordings=Path(RECORDINGS or "")))
    client, crumb = session
    real = _recorded("timeseries/AAPL-financials-annual.json")["timeseries"]["result"]
    entry = next(e for e in real if e["meta"]["type"] == ["annualTotalRevenue"])
    ours = client.get(f"{SERIES}AAPL", params={"type": "annualTotalRevenue"}).json()["timeseries"]["result"][0]
    assert {p["asOfDate"]: p for p in entry["annualTotalRevenue"]}.items() <= {
        p["asOfDate"]: p for p in ours["annualTotalRevenue"]
    }.items()
    assert _quote(session, "AAPL") == _recorded("quote/rs-quote_v7_AAPL.json")["quoteResponse"]["result"][0]
    query = {"operator": "AND", "operands": [
        {"operator": "EQ", "operands": ["region", "us"]},
        {"operator": "GT", "operands": ["intradaymarketcap", 3.9e12]},
    ]}  # fmt: skip
    found = client.post(f"{QUERY}/v1/finance/screener?crumb={crumb}", json={"query": query}).json()
    assert [quote["symbol"] for quote in found["finance"]["result"][0]["quotes"]] == ["MSFT", "AAPL"]


def test_a_folder_without_recordings_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"manifest\.json cannot be read"):
        Recorded(tmp_path)
