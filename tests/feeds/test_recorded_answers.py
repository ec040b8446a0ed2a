"""Real answers of the vendors, read."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.errors import ConfigurationError, Permanent, Transient
from include.feeds import polygon
from include.feeds.alpha_vantage import AlphaVantage
from include.feeds.base import Body, PriceQuery
from include.feeds.brapi import Brapi
from include.feeds.polygon import Polygon
from include.feeds.refusals import PlanRefusal, failure, spoken

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def recordings() -> Path:
    folder = os.environ.get("STOCKS_RECORDINGS")
    if not folder:
        pytest.skip("STOCKS_RECORDINGS names no folder of recorded answers")
    return Path(folder)


def body(path: Path) -> Body:
    return Body(path.read_bytes(), NOW)


def test_polygons_previous_bar(recordings: Path) -> None:
    answer = body(recordings / "polygon" / "v2_aggs_ticker_AAPL_prev.json")
    (price,) = Polygon().read(PriceQuery(("AAPL",)), answer).messages
    assert (price.price, price.open, price.high, price.low, price.vwap) == (156.8, 162.25, 162.34, 156.72, 158.6074)
    assert (price.volume, price.trades) == (95595226.0, 899965)
    assert price.price_at == datetime(2022, 4, 26, 20, tzinfo=UTC)  # 16:00 in New York


def test_polygons_reference_gives_name_and_market_cap(recordings: Path) -> None:
    found = polygon.read_reference(body(recordings / "polygon" / "v3_reference_tickers_AAPL.json"))
    assert found == polygon.Reference("Apple Inc.", 2488795282370, "USD")


def test_an_answer_about_another_ticker_is_no_price(recordings: Path) -> None:
    answer = body(recordings / "polygon" / "v2_aggs_ticker_AAPL_prev.json")
    assert "another symbol" in Polygon().read(PriceQuery(("MSFT",)), answer).failures["MSFT"]


def test_brapis_quote(recordings: Path) -> None:
    answer = body(recordings / "brapi" / "quote_PETR4_2026-09.json")
    (asset,) = Brapi().read(PriceQuery(("PETR4",)), answer).messages
    assert (asset.ticker, asset.name, asset.short_name) == ("PETR4", "Petroleo Brasileiro SA Pfd", "PETR4")
    assert (asset.price, asset.volume) == (48.93, 12548700)
    assert asset.updated_at == datetime(2026, 9, 11, 16, 0, 30, tzinfo=UTC)


def test_brapis_newer_answer_nests_the_quote(recordings: Path) -> None:
    recorded = json.loads((recordings / "brapi" / "quote_PETR4_2026-09.json").read_text("utf-8"))
    nested = {"results": [{"symbol": "PETR4", "data": recorded["results"][0]}], "took": 7}
    (asset,) = Brapi().read(PriceQuery(("PETR4",)), Body(json.dumps(nested).encode(), NOW)).messages
    assert (asset.ticker, asset.price) == ("PETR4", 48.93)


def test_alpha_vantages_quote(recordings: Path) -> None:
    answer = body(recordings / "alphavantage" / "global_quote.json")
    (price,) = AlphaVantage().read(PriceQuery(("MSFT",)), answer).messages
    assert (price.price, price.open, price.previous_close, price.volume) == (112.13, 112.63, 112.79, 29062853)
    assert price.price_at == datetime(2018, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize("name", ["empty", "error_message"])
def test_alpha_vantage_does_not_know_the_symbol(recordings: Path, name: str) -> None:
    with pytest.raises(Permanent, match="MSFT"):
        AlphaVantage().read(PriceQuery(("MSFT",)), body(recordings / "alphavantage" / f"{name}.json"))


def test_alpha_vantages_throttle_note_pauses_the_source(recordings: Path) -> None:
    with pytest.raises(Transient, match="5 calls per minute") as refusal:
        AlphaVantage().read(PriceQuery(("MSFT",)), body(recordings / "alphavantage" / "throttle_note_2018.json"))
    assert refusal.value.source == "alpha-vantage"


@pytest.mark.parametrize(
    ("path", "kind", "source"),
    [
        ("polygon/err_unknown_key_401.json", ConfigurationError, None),
        ("polygon/err_not_authorized_403.json", PlanRefusal, None),
        ("polygon/err_rate_limit_429.json", Transient, "vendor"),
        ("brapi/err_400_range.json", PlanRefusal, None),
        ("brapi/err_401_token.json", ConfigurationError, None),
        ("brapi/err_402_limit.json", Transient, "vendor"),
        ("brapi/err_404_old.json", Permanent, None),
    ],
)
def test_errors_are_named_by_what_happens_next(
    recordings: Path, path: str, kind: type[Exception], source: str | None
) -> None:
    recorded: dict[str, Any] = json.loads((recordings / path).read_text("utf-8"))
    said = spoken(json.dumps(recorded["body"]).encode())
    found = failure("vendor", recorded["status"], {}, said, "VENDOR_KEY")
    assert type(found) is kind
    assert getattr(found, "source", None) == source
    words = recorded["body"].get("message") or recorded["body"]["error"]
    assert words[:60] in str(found)
