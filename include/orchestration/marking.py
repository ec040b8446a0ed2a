"""A person marks a DAG run as failed: the run is cancelled.

Airflow tells its listeners of every failed run. Only a mark by hand, in the UI or by the REST API,
says so in its message; a run that failed by itself (a threshold, a stall) is not cancelled.
"""

from __future__ import annotations

import logging

from include.errors import StocksError
from include.ledger.cancel import cancel
from include.orchestration.place import place
from include.orchestration.reconcile import DAG_ID

_log = logging.getLogger(__name__)

_BY_HAND = "manually set"


def cancel_if_marked(dag_id: str, run_id: str, message: str) -> bool:
    """Cancel the run when ``message`` tells of a mark by hand; -> whether it was cancelled.

    A failure is logged: the listener runs inside Airflow's API server, which must answer.
    """
    if dag_id != DAG_ID or _BY_HAND not in message:
        return False
    try:
        with place(connections=1) as here, here.database.transaction() as connection:
            cancelled = cancel(connection, run_id, "its DAG run was marked as failed in Airflow")
    except StocksError as error:
        _log.error("run %s was marked as failed and could not be cancelled; run: stocks cancel (%s)", run_id, error)
        return False
    if cancelled:
        _log.warning("run %s is cancelled: its DAG run was marked as failed", run_id)
    return cancelled
