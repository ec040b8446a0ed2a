"""The task `plan`: a DAG run becomes a run of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.errors import Permanent
from include.ledger.opening import NightlyStillActive
from include.orchestration.place import place
from include.orchestration.plan import asked, open_and_part
from include.orchestration.reconcile import dag_run_state, reconcile
from include.orchestration.unretried import unretried


def plan_run(params: Mapping[str, Any], run_id: str, dag_run: Any) -> list[dict[str, Any]]:
    """Open the run; -> its parts for the Kafka operator.

    A wrong form, a wrong setting and a cancelled run fail at once, without retries. A nightly run is skipped while the
    one before it is active; manual runs are not counted.
    """
    started_at = _started_at(dag_run)
    nightly = dag_run.run_type == "scheduled"
    with unretried(), place() as here:
        if nightly:
            # The night before may have died with its ledger open.
            reconcile(here.database, dag_run_state)
        try:
            request = asked(params, started_at)
            return open_and_part(here.database, run_id, request, started_at, nightly=nightly)
        except NightlyStillActive as error:
            raise AirflowSkipException(str(error)) from error
        except Permanent as error:
            raise AirflowFailException(str(error)) from error


def _started_at(dag_run: Any) -> datetime:
    """When the run was asked for: the trigger of a manual one, else the start (a logical date may be any time)."""
    manual = dag_run.run_type == "manual" and dag_run.logical_date is None
    at: datetime = dag_run.run_after if manual or dag_run.start_date is None else dag_run.start_date
    return at
