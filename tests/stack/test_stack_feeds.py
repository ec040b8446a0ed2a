"""The feeds in the local stack: made-up keys for the local market, real ones only for the real vendors."""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv import dotenv_values

from include.feeds.catalog import CATALOG
from include.settings import environment
from include.settings.environment import VENDOR_VARIABLES
from include.stack.feeds import local_vendors, plan, polled_by_airflow, stream_programs, without_vendors
from include.stack.state import StateFolder

REAL = {
    "POLYGON_API_KEY": "real-polygon",
    "BRAPI_TOKEN": "real-brapi",
    "ALPHAVANTAGE_API_KEY": "real-alpha",
    "APCA_API_KEY_ID": "real-id",
    "APCA_API_SECRET_KEY": "real-secret",
}


def test_every_key_of_the_catalogue_is_known_to_be_one() -> None:
    assert {name for row in CATALOG for name in row.variables} <= set(VENDOR_VARIABLES)


def test_the_local_market_is_shown_no_real_key() -> None:
    seen = REAL | local_vendors(REAL, 8089)
    assert not [value for value in seen.values() if value.startswith("real-")]


def test_all_feeds_run_on_the_local_market_without_any_key() -> None:
    found = plan(local_vendors({}, 8089))
    assert [row.name for row in found.polled] == ["polygon", "brapi", "alpha-vantage"]
    assert [row.name for row in found.streams] == ["alpaca-stocks", "alpaca-crypto"]
    assert not found.missing


def test_with_live_sources_a_feed_without_its_key_is_named_with_what_it_lacks() -> None:
    found = plan({"BRAPI_TOKEN": "real-brapi"})
    assert [row.name for row in found.polled] == ["brapi"]
    assert not found.streams
    assert "POLYGON_API_KEY is not set" in found.missing["Polygon"]
    assert "APCA_API_KEY_ID is not set" in found.missing["Alpaca stocks"]


def test_a_stand_in_of_ones_own_keeps_its_address_and_its_key() -> None:
    own = {"POLYGON_BASE_URL": "http://127.0.0.1:7777", "POLYGON_API_KEY": "mine"}
    made_up = local_vendors(own, 8089)
    assert "POLYGON_API_KEY" not in made_up
    assert "POLYGON_BASE_URL" not in made_up
    assert made_up["BRAPI_TOKEN"] == "local-market"


def test_without_feeds_no_vendor_is_configured() -> None:
    assert len(plan(without_vendors(REAL)).missing) == len(CATALOG)


def test_airflow_asks_polygon_as_often_as_it_is_told_to() -> None:
    assert polled_by_airflow({"FETCH_INTERVAL": "60"})["FETCH_INTERVAL"] == "60"
    assert float(polled_by_airflow({})["FETCH_INTERVAL"]) >= 300


def test_a_stream_is_a_process_with_a_log_of_its_own(tmp_path: Path) -> None:
    programs = stream_programs(plan(local_vendors({}, 8089)), {}, tmp_path)
    assert [program.log.name for program in programs] == ["feed-alpaca-stocks.log", "feed-alpaca-crypto.log"]


def test_commands_beside_a_stack_on_the_local_market_show_it_no_real_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = StateFolder(tmp_path / "home")
    state.prepare()
    state.publish(local_vendors({}, 8089) | {"STOCKS_BROWSER_SPKI": "x"})
    for name, value in (REAL | {"STOCKS_HOME": str(state.home)}).items():
        monkeypatch.setenv(name, value)
    found = environment()
    assert {found[name] for name in REAL} == {"local-market"}
    assert found["ALPACA_STREAM_URL"] == dotenv_values(state.environment_file)["ALPACA_STREAM_URL"]


def test_commands_beside_a_stack_on_the_live_sources_use_the_real_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = StateFolder(tmp_path / "home")
    state.prepare()
    state.publish({"DB_HOST": "/somewhere"})
    for name, value in (REAL | {"STOCKS_HOME": str(state.home)}).items():
        monkeypatch.setenv(name, value)
    assert {name: environment()[name] for name in REAL} == REAL
