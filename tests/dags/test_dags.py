"""Every DAG parses, says what it does, and holds to the habits of this project."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from include.scrapers.regions import REGIONS

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore")]  # Airflow's own warnings are not ours

OURS = {"regional_scrape", "pipeline_monitor"}


def test_every_file_parses(dagbag: Any) -> None:
    assert dagbag.import_errors == {}
    assert set(dagbag.dags) >= OURS


_PARSING = """
import runpy, sys
import airflow.sdk, airflow.providers.apache.kafka.operators.produce
before = set(sys.modules)
for file in sys.argv[1:]:
    runpy.run_path(file)
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""


def test_no_file_loads_for_its_parsing_what_only_its_tasks_need(project: Path) -> None:
    """Airflow parses every file again and again: what takes seconds to load belongs into a task."""
    files = [str(file) for file in sorted((project / "dags").glob("*.py"))]
    command = [sys.executable, "-W", "ignore", "-c", _PARSING, *files]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "include" in loaded
    assert not loaded & {"exchange_calendars", "lxml", "numpy", "pandas", "psycopg2", "selenium", "yfinance"}


def test_every_dag_says_what_it_does_and_never_catches_up(dagbag: Any) -> None:
    for dag in dagbag.dags.values():
        assert "→" in dag.doc_md, dag.dag_id
        assert dag.catchup is False
        assert dag.tags


def test_every_dag_survives_its_serialisation(dagbag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in dagbag.dags.values():
        again = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        assert set(again.task_dict) == set(dag.task_dict)


def test_a_drain_that_fails_is_tried_again_soon_and_never_beside_another(dagbag: Any) -> None:
    monitor = dagbag.dags["pipeline_monitor"]
    drain = monitor.get_task("drain")
    assert (monitor.max_active_runs, drain.retries) == (1, 3)
    assert drain.retry_delay <= timedelta(seconds=30)


def test_the_form_offers_every_region_by_name(dagbag: Any) -> None:
    dag = dagbag.dags["regional_scrape"]
    dag.params.validate()
    regions = dag.params.get_param("regions").schema
    assert regions["items"]["enum"] == regions["examples"] == list(REGIONS)
    assert regions["values_display"]["gb"] == "United Kingdom"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("regions", ["mars"]),
        ("regions", []),
        ("regions", ["us", "us"]),
        ("market_cap_min", "much"),
        ("market_cap_max", "-1"),
        ("market_cap_cuts", "1B;2B"),
        ("screener", "telepathy"),
    ],
)
def test_the_form_refuses_what_no_run_could_be(dagbag: Any, name: str, value: Any) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        dagbag.dags["regional_scrape"].params.get_param(name).resolve(value=value)


@pytest.mark.parametrize("value", [None, "", "100M", "1.5b", " 2 T ", "1000000"])
def test_the_form_takes_market_caps_as_people_write_them(dagbag: Any, value: str | None) -> None:
    assert dagbag.dags["regional_scrape"].params.get_param("market_cap_min").resolve(value=value) == value


def test_mapped_tasks_are_labelled(dagbag: Any) -> None:
    for dag in dagbag.dags.values():
        for task in dag.tasks:
            if task.is_mapped:
                assert task.map_index_template, task.task_id


def test_a_failed_delivery_fails_the_task(dagbag: Any) -> None:
    from confluent_kafka import Producer

    from include.errors import Transient
    from include.orchestration.sending import raise_on_failure

    assert (
        dagbag.dags["regional_scrape"].get_task("send").partial_kwargs["delivery_callback"].endswith("raise_on_failure")
    )
    nobody = Producer({"bootstrap.servers": "127.0.0.1:1", "message.timeout.ms": 200, "log_level": 0})
    nobody.produce("stock-scraping-tasks", b"x", on_delivery=raise_on_failure)
    with pytest.raises(Transient, match="stock-scraping-tasks"):
        nobody.flush(30)


def test_a_night_that_is_skipped_has_no_end_and_a_cleared_run_without_pending_tasks_has_one(dagbag: Any) -> None:
    finish = dagbag.dags["regional_scrape"].get_task("finish")
    # `send` is skipped in both; only the plan tells them apart.
    assert finish.upstream_task_ids == {"plan", "send"}
    assert finish.trigger_rule == "none_failed_min_one_success"
