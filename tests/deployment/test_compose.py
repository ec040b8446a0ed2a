"""docker-compose.yaml, held against the Compose specification and against what the project promises.

No Docker engine is needed: what is checked is the file.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE = PROJECT / "docker-compose.yaml"
OURS = {"migrate", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"}
WORKERS = {"scraping-worker", "processing-worker"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return document


def test_the_file_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    verdict = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_every_part_of_the_pipeline_is_a_service(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) >= OURS | WORKERS | {"kafka", "postgres", "mongo", "kafka-ui"}


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
    for name in (OURS | WORKERS) - {"migrate"}:
        assert compose["services"][name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_local_market_is_no_part_of_it(compose: dict[str, Any]) -> None:
    assert not [name for name in compose["services"] if "market" in name]
    assert "--market" not in COMPOSE.read_text("utf-8")


def test_every_required_variable_is_in_the_example() -> None:
    required = set(re.findall(r"(?<!\$)\$\{(\w+):\?", COMPOSE.read_text("utf-8")))
    example = set(re.findall(r"^(\w+)=", (PROJECT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert required == example
