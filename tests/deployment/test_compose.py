"""docker-compose.yaml, held against the Compose specification and against what the project promises.

No Docker engine is needed: what is checked is the file.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.feeds.catalog import CATALOG
from include.settings import (
    AlpacaSettings,
    AlphaVantageSettings,
    BrapiSettings,
    HistorySettings,
    Home,
    MongoSettings,
    MovementSettings,
    PolygonSettings,
    RetentionSettings,
    RunSettings,
    ScrapeSettings,
    Settings,
    SqliteSettings,
    WorkerSettings,
)

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE = PROJECT / "docker-compose.yaml"
OURS = {
    *("migrate", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"),
    "airflow-housekeeping",
}
WORKERS = {"scraping-worker", "processing-worker", "sink-worker"}
STREAMS = {f"feed-{row.name}": row for row in CATALOG if not row.polls}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return document


def test_the_file_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    verdict = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_every_part_of_the_pipeline_is_a_service(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) >= OURS | WORKERS | set(STREAMS) | {"kafka", "postgres", "mongo", "kafka-ui"}


def test_every_port_is_bound_to_loopback(compose: dict[str, Any]) -> None:
    ports = [str(port) for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert not [port for port in ports if not port.startswith("127.0.0.1:")]


def test_every_service_that_stays_up_is_watched(compose: dict[str, Any]) -> None:
    unwatched = {name for name, service in compose["services"].items() if "healthcheck" not in service}
    assert unwatched == {"migrate"}


def test_no_password_has_a_default() -> None:
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY|TOKEN)\w*)(:?[-?][^}]*)?\}", COMPOSE.read_text("utf-8"))
    assert secrets
    # Required by Compose itself, or empty and refused by the optional part's own entry point.
    assert not [(name, rest) for name, rest in secrets if not rest.startswith(":?") and rest != ":-"]


@pytest.mark.parametrize("part", ["mongo", "kafka-ui"])
def test_an_optional_part_refuses_to_start_without_its_password(compose: dict[str, Any], part: str) -> None:
    script = compose["services"][part]["entrypoint"][-1].replace("$$", "$").split("exec ")[0]
    refusal = subprocess.run(["sh", "-c", script], env={}, capture_output=True, text=True, check=False)
    assert refusal.returncode != 0
    assert "PASSWORD is not set. It expects" in refusal.stderr


def test_the_workers_can_be_scaled(compose: dict[str, Any]) -> None:
    for name in WORKERS:
        assert "container_name" not in compose["services"][name]
        assert "ports" not in compose["services"][name]


def test_migrations_run_before_anything_that_needs_them(compose: dict[str, Any]) -> None:
    for name in (OURS | WORKERS | set(STREAMS)) - {"migrate"}:
        assert compose["services"][name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_local_market_is_no_part_of_it(compose: dict[str, Any]) -> None:
    assert not [name for name in compose["services"] if "market" in name]
    assert "--market" not in COMPOSE.read_text("utf-8")


def test_every_required_variable_is_in_the_example() -> None:
    required = set(re.findall(r"(?<!\$)\$\{(\w+):\?", COMPOSE.read_text("utf-8")))
    example = set(re.findall(r"^(\w+)=", (PROJECT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert required == example


def test_airflow_has_the_keys_of_the_feeds_that_are_asked(compose: dict[str, Any]) -> None:
    wanted = {name for row in CATALOG if row.polls for name in row.variables}
    for name in ("airflow-scheduler", "airflow-dag-processor"):
        assert wanted <= set(compose["services"][name]["environment"])


def test_no_worker_and_no_stream_sees_a_key_that_is_not_its_own(compose: dict[str, Any]) -> None:
    keys = {name for row in CATALOG for name in row.variables}
    for name in WORKERS:
        assert not keys & set(compose["services"][name]["environment"])
    for name, row in STREAMS.items():
        assert keys & set(compose["services"][name]["environment"]) == set(row.variables)


def test_the_streams_run_only_where_they_are_asked_for(compose: dict[str, Any]) -> None:
    assert {tuple(compose["services"][name]["profiles"]) for name in STREAMS} == {("alpaca",)}


@pytest.mark.parametrize(
    ("service", "settings"),
    [
        *(
            (worker, WorkerSettings)
            for worker in ("scraping-worker", "processing-worker", "sink-worker", *sorted(STREAMS))
        ),
        *(("sink-worker", s) for s in (MongoSettings, SqliteSettings, RetentionSettings, MovementSettings)),
        *((stream, AlpacaSettings) for stream in sorted(STREAMS)),
        *(("airflow-scheduler", s) for s in (PolygonSettings, BrapiSettings, AlphaVantageSettings)),
        *(("airflow-scheduler", s) for s in (ScrapeSettings, RunSettings, HistorySettings)),
    ],
)
def test_every_setting_of_a_part_reaches_its_container(
    compose: dict[str, Any], service: str, settings: type[Settings]
) -> None:
    wanted = {field.alias for name, field in settings.model_fields.items() if name not in Home.model_fields}
    assert wanted <= set(compose["services"][service]["environment"])


def test_the_sink_finds_mongodb_where_its_password_is_set(compose: dict[str, Any]) -> None:
    address = compose["services"]["sink-worker"]["environment"]["MONGO_URL"]
    assert "${MONGO_PASSWORD:+mongodb://" in address
    assert "@mongo:27017/" in address
    assert "mongo" in compose["services"]


@pytest.fixture
def stream(compose: dict[str, Any], tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a stream's container command, whose `stocks` is the given shell script."""
    started: list[subprocess.Popen[str]] = []

    def start(stocks: str) -> subprocess.Popen[str]:
        (tmp_path / "stocks").write_text(f"#!/bin/sh\n{stocks}\n")
        (tmp_path / "stocks").chmod(0o755)
        script = compose["services"]["feed-alpaca-crypto"]["entrypoint"][-1].replace("$$", "$")
        command = ["sh", "-c", script, *compose["services"]["feed-alpaca-crypto"]["command"]]
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        started.append(
            subprocess.Popen(
                command, env={"PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
                start_new_session=True,
            )
        )  # fmt: skip
        return started[-1]

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_a_stream_without_its_key_says_so_and_is_not_restarted_for_ever(
    stream: Callable[[str], subprocess.Popen[str]],
) -> None:
    process = stream("echo APCA_API_KEY_ID is not set; exit 2")
    assert process.stdout is not None
    assert "is not set" in process.stdout.readline()
    assert "alpaca-crypto stays down until it is configured" in process.stdout.readline()
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(60) == -signal.SIGTERM


def test_a_stream_that_breaks_ends_its_container_so_that_it_is_restarted(
    stream: Callable[[str], subprocess.Popen[str]],
) -> None:
    assert stream("exit 1").wait(60) == 1


def test_a_stream_that_is_asked_to_end_ends_in_its_own_time(stream: Callable[[str], subprocess.Popen[str]]) -> None:
    process = stream("trap 'echo sent what was heard; exit 0' TERM; echo $1 $2; while :; do sleep 0.05; done")
    assert process.stdout is not None
    assert process.stdout.readline() == "feed alpaca-crypto\n"
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(60) == 0
    assert "sent what was heard" in process.stdout.read()
