"""A task that a wrong setting ended is not tried again: no later try could be better."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from include.errors import Transient
from include.orchestration.planning import plan_run
from include.orchestration.run_end import RunEnd
from include.orchestration.sending import pending_tasks
from include.orchestration.unretried import unretried

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore")]  # Airflow's own warnings are not ours


@pytest.fixture
def misconfigured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "DB_USER", "DB_HOST", "DB_PASSWORD", "DB_DEV_NAME"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setenv("DB_PORT", "the usual one")


def _plan() -> Any:
    return plan_run({}, "manual__1", SimpleNamespace(run_type="scheduled", start_date=datetime.now(UTC)))


def _send() -> Any:
    return list(pending_tasks("manual__1", "scraping", "us", ""))


def _end() -> Any:
    return RunEnd(task_id="finish").resume({"run_id": "manual__1"}, {"run": "settled"})


@pytest.mark.parametrize("task", [_plan, _send, _end])
def test_a_wrong_setting_fails_every_task_at_once_and_is_named(task: Any, misconfigured: None) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match="DB_PORT"):
        task()


def test_what_may_pass_is_tried_again() -> None:
    with pytest.raises(Transient), unretried():
        raise Transient("away")
