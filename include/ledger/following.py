"""Following a run from its trigger to its end: the DAG run at first, then the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator

from include.errors import StocksError, Transient
from include.ledger.airflow_api import AirflowApi
from include.ledger.progress import RunProgress, progress
from include.stores.postgres import Database

_LOOK_S = 0.5
_ASK_AIRFLOW_S = 5.0
_OVER = ("failed", "success", None)
_LINGERS_S = 30.0
_LINGER_LOOK_S = 0.25


class RunFailed(StocksError):
    """The run ended before the ledger could say how."""


def follow(database: Database, airflow: AirflowApi, run_id: str) -> Iterator[RunProgress | None]:
    """The run's progress, twice a second, until it has ended; None while it is not in the ledger yet.

    Raises RunFailed when its DAG run is over and the ledger will never know. An answer that fails to
    come once (a restart) is asked for again.
    """
    asked_at, over = 0.0, False
    while True:
        run = look(database, run_id)
        yield run
        if run is not None and run.state != "running":
            return
        if over:
            raise RunFailed(f"run {run_id} ended in Airflow before its time; see {airflow.page(run_id)}")
        if time.monotonic() - asked_at > _ASK_AIRFLOW_S:
            # Asked before the last look at the ledger, so that an end between the two is seen there.
            over = _is_over(airflow, run_id)
            asked_at = time.monotonic()
        if not over:
            time.sleep(_LOOK_S)


def linger(airflow: AirflowApi, run_id: str, *, most_s: float = _LINGERS_S) -> bool:
    """Wait until Airflow has ended the run that the ledger has judged, a second or two later. Whether it did.

    Whoever stops Airflow in between leaves a run that the next start has to end.
    """
    deadline = time.monotonic() + most_s
    while not _is_over(airflow, run_id):
        if time.monotonic() > deadline:
            return False
        time.sleep(_LINGER_LOOK_S)
    return True


def look(database: Database, run_id: str) -> RunProgress | None:
    """The run's progress if the ledger knows the run and its plan. A database that is away is asked again."""
    try:
        with database.transaction() as connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM runs WHERE run_id = %s AND request IS NOT NULL", (run_id,))
                if cursor.fetchone() is None:
                    return None
            return progress(connection, run_id)
    except Transient:
        return None


def _is_over(airflow: AirflowApi, run_id: str) -> bool:
    try:
        return airflow.state(run_id) in _OVER
    except Transient:
        return False
