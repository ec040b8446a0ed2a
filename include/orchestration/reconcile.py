"""Runs that the ledger takes for running and Airflow has ended: the ledger learns it here."""

from __future__ import annotations

import logging
from collections.abc import Callable

from include.ledger.verdict import give_up
from include.stores.postgres import Database

_log = logging.getLogger(__name__)

DAG_ID = "regional_scrape"
_ACTIVE = {"queued", "running"}

_RUNNING = "SELECT run_id FROM runs WHERE state = 'running' AND request IS NOT NULL ORDER BY run_id"


def reconcile(database: Database, state_of: Callable[[str], str | None]) -> list[str]:
    """End in the ledger what has ended in Airflow; -> those runs.

    ``state_of`` maps a run's id to the state of its DAG run, None when there is none any more. Their
    pending tasks stay pending: only a person cancels, and clearing such a run sends them again.
    """
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(_RUNNING)
        running = [run_id for (run_id,) in cursor.fetchall()]
    ended = {run_id: state for run_id in running if (state := state_of(run_id)) not in _ACTIVE}
    for run_id, state in ended.items():
        reason = f"its DAG run ended as {state}" if state else "its DAG run was deleted"
        _log.warning("run %s is over: %s", run_id, reason)
        with database.transaction() as connection:
            give_up(connection, run_id, reason)
    return list(ended)


def dag_run_state(run_id: str) -> str | None:
    """The state of that run of ``regional_scrape``, asked from inside a task."""
    from airflow.sdk.exceptions import AirflowRuntimeError
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    try:
        state: str = RuntimeTaskInstance.get_dagrun_state(DAG_ID, run_id)
        return str(getattr(state, "value", state))  # an enumeration whose str() is its own name
    except AirflowRuntimeError as error:
        if "404" in str(error) or "not_found" in str(error).lower():
            return None
        raise
