"""What the local stack and docker-compose.yaml have in common is the same in both."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from include.settings import PROJECT
from include.stack.configuration import AIRFLOW, AIRFLOW_COMPONENTS, BROKER, KAFKA_VERSION, kafka_connection


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    document = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text("utf-8"))
    found: dict[str, Any] = document["services"]
    return found


def test_both_run_the_same_broker_with_the_same_settings(services: dict[str, Any]) -> None:
    wanted = {"KAFKA_" + name.upper().replace(".", "_"): value for name, value in BROKER.items()}
    assert wanted.items() <= services["kafka"]["environment"].items()
    assert services["kafka"]["image"].endswith(f":{KAFKA_VERSION}")


def test_both_run_the_same_components_of_airflow(services: dict[str, Any]) -> None:
    for name, arguments in AIRFLOW_COMPONENTS.items():
        service = services[f"airflow-{name}"]
        assert service["command"] == ["airflow", *arguments]
        assert AIRFLOW.items() <= service["environment"].items()


def test_both_tell_airflow_the_same_about_kafka(services: dict[str, Any]) -> None:
    there = services["airflow-scheduler"]["environment"]["AIRFLOW_CONN_KAFKA_DEFAULT"]
    assert json.loads(there) == json.loads(kafka_connection({"bootstrap.servers": "kafka:19092"}))
