"""The door between Airflow and us: what is registered, and nothing of what it does."""

from __future__ import annotations

from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin


class RunListener:
    """Marking a run of ``regional_scrape`` as failed cancels it."""

    @hookimpl
    def on_dag_run_failed(self, dag_run: Any, msg: str) -> None:
        from include.orchestration.marking import cancel_if_marked

        cancel_if_marked(dag_run.dag_id, dag_run.run_id, msg)


class StocksPlugin(AirflowPlugin):
    """Everything of ours that Airflow's own processes load."""

    name = "stocks"
    listeners = [RunListener()]  # noqa: RUF012  Airflow reads it from the class
