"""A DAG per feed whose key is configured, and one that says what the others lack."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.market.server import Market, MarketSettings
from include.orchestration.feeds import polled, standing
from include.stack.database import database_variables
from include.stores.postgres import Database

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore")]  # Airflow's own warnings are not ours

KEYS = {"POLYGON_API_KEY": "canary-polygon", "BRAPI_TOKEN": "canary-brapi", "ALPHAVANTAGE_API_KEY": "canary-alpha"}


@pytest.fixture
def feeds(project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The DAGs of price_feeds.py, with all keys configured."""
    from airflow.dag_processing.dagbag import DagBag

    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return DagBag(project / "dags" / "price_feeds.py")


def test_a_dag_appears_for_every_configured_feed_that_is_asked(feeds: Any) -> None:
    assert feeds.import_errors == {}
    assert set(feeds.dags) == {"price_feeds", "feed_polygon", "feed_brapi", "feed_alpha_vantage"}


def test_without_keys_only_the_overview_is_there_and_says_what_is_missing(dagbag: Any) -> None:
    assert not [name for name in dagbag.dags if name.startswith("feed_")]
    for variable in (*KEYS, "APCA_API_KEY_ID"):
        assert f"{variable} is not set. It expects" in dagbag.dags["price_feeds"].doc_md


def test_brapi_is_asked_every_half_hour_and_at_once(feeds: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables.base import TimeRestriction

    # As the scheduler sees it.
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(feeds.dags["feed_brapi"])).timetable
    restriction = TimeRestriction(earliest=None, latest=None, catchup=False)
    before = datetime.now(UTC)
    first = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
    assert before <= first.run_after <= datetime.now(UTC)
    after = timetable.next_dagrun_info(last_automated_data_interval=first.data_interval, restriction=restriction)
    assert after.run_after - first.run_after == timedelta(minutes=30)


def test_a_round_is_never_beside_another_and_comes_again_if_it_could_not_start(feeds: Any) -> None:
    for name in ("feed_polygon", "feed_brapi", "feed_alpha_vantage"):
        dag = feeds.dags[name]
        assert (dag.max_active_runs, dag.get_task("ask").retries) == (1, 3)
        assert "→" in dag.doc_md


def test_no_dag_shows_a_key(feeds: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in feeds.dags.values():
        shown = f"{dag.doc_md}{DagSerialization.to_dict(dag)}"
        assert not [key for key in KEYS.values() if key in shown]


def test_a_malformed_setting_is_said_and_hides_no_other_feed() -> None:
    env = KEYS | {"SYNC_INTERVAL_MINUTES": "often"}
    assert {feed.row.name for feed in polled(env)} == {"polygon", "alpha-vantage"}
    assert "SYNC_INTERVAL_MINUTES is malformed" in standing(env)


@pytest.fixture
def surroundings(
    kafka: dict[str, str], database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Market]:
    """The environment of a worker of Airflow, with a market around it."""
    with Market(MarketSettings(home=tmp_path / "market", stocks_per_region=1)) as market:
        found = (market.environment | database_variables(database.parameters)) | {
            "KAFKA_BOOTSTRAP_SERVERS": kafka["bootstrap.servers"],
            "STOCKS_HOME": str(tmp_path / "home"),
            "POLYGON_SYMBOLS": "AAPL,NOZZZ",
        }
        for name, value in found.items():
            monkeypatch.setenv(name, value)
        yield market


def test_a_round_sends_prices_and_the_overview_tells_of_it(
    feeds: Any, surroundings: Market, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    found = feeds.dags["feed_polygon"].get_task("ask").python_callable("polygon")
    assert (found["sent"], set(found["failures"])) == (1, {"NOZZZ"})
    feeds.dags["price_feeds"].get_task("states").python_callable()
    assert "Polygon: fine; it is stopped; last message of" in caplog.text
    assert "Polygon: NOZZZ fails: polygon has no bar of NOZZZ" in caplog.text
    assert "Brapi: never ran" in caplog.text
    assert "Alpaca stocks: not configured (APCA_API_KEY_ID is not set" in caplog.text
    assert "polygon: 2 of 5 per minute left, all in " in caplog.text  # two prices and a name were asked for
    assert not [key for key in KEYS.values() if key in caplog.text]


def test_a_round_in_which_nothing_came_fails_and_is_not_tried_again(
    feeds: Any, surroundings: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    monkeypatch.setenv("POLYGON_SYMBOLS", "NOZZZ")
    with pytest.raises(AirflowFailException, match="NOZZZ"):
        feeds.dags["feed_polygon"].get_task("ask").python_callable("polygon")


def test_a_refused_key_fails_at_once_and_names_its_variable(
    feeds: Any, surroundings: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    monkeypatch.setenv("POLYGON_API_KEY", "revoked-key")
    with pytest.raises(AirflowFailException, match="POLYGON_API_KEY is refused"):
        feeds.dags["feed_polygon"].get_task("ask").python_callable("polygon")


@pytest.mark.parametrize(
    ("key", "faults", "words"),
    [
        (KEYS["ALPHAVANTAGE_API_KEY"], ["missing-fields"], "05. price is missing"),
        (KEYS["ALPHAVANTAGE_API_KEY"], ["truncated", "missing-fields"], "05. price is missing"),
        ("revoked-canary-key", [], "ALPHAVANTAGE_API_KEY is refused"),
    ],
)
def test_a_round_that_fails_shows_no_key_in_its_log_or_traceback(
    feeds: Any,
    surroundings: Market,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    key: str,
    faults: list[str],
    words: str,
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setenv("ALPHAVANTAGE_API_KEY", key)
    monkeypatch.setenv("ALPHAVANTAGE_SYMBOLS", "IBM")
    surroundings.strike("global-quote", *faults)
    with pytest.raises(Exception, match=words) as failure:  # Airflow's or ours: both end the task
        feeds.dags["feed_alpha_vantage"].get_task("ask").python_callable("alpha-vantage")
    shown = "".join(traceback.format_exception(failure.value, chain=True)) + caplog.text
    assert words in shown
    assert "canary" not in shown
