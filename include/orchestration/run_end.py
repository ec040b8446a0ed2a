"""The task that ends a run: deferred until nothing is pending, so that no worker slot is held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from include.orchestration.triggers import RunTrigger
from include.orchestration.unretried import unretried


class RunEnd(BaseOperator):
    """Waits for the run's end, and ends as the run does; -> the run's summary."""

    @unretried()
    def execute(self, context: Any) -> None:
        if context["ti"].try_number > 1:
            from include.orchestration.place import place
            from include.orchestration.settling import send_pages

            with place() as here:
                send_pages(here, context["run_id"])
        self._wait(context["run_id"])

    @unretried()
    def resume(self, context: Any, event: Mapping[str, str]) -> dict[str, Any]:
        """What to do when the trigger has fired."""
        from include.orchestration.place import place
        from include.orchestration.settling import report, settle, stall

        run_id: str = context["run_id"]
        if event["run"] == "unknown":
            raise AirflowFailException(f"the ledger has no run {run_id}: was the database reset? Trigger a new run")
        with place() as here:
            verdict = stall(here, run_id) if event["run"] == "stalled" else settle(here, run_id)
            if verdict.state == "running":
                self._wait(run_id)
            summary = report(here, run_id)
        if verdict.state != "succeeded":
            raise AirflowFailException(f"run {run_id} {verdict.state}: {verdict.reason}")
        return msgspec.to_builtins(summary)  # type: ignore[no-any-return]

    def _wait(self, run_id: str) -> NoReturn:
        self.defer(trigger=RunTrigger(run_id=run_id), method_name="resume")
