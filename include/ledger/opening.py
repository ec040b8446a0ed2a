"""Opening a run: its row and its planned tasks, before any of them is produced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg2.errors import UniqueViolation
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json, execute_values

from include.contracts.tasks import ScrapingTask
from include.errors import Permanent
from include.ledger.request import RunRequest, planned_tasks

# A run that ended and is planned again was cleared: it runs once more, with the request it had.
_OPEN = """
INSERT INTO runs (run_id, request, nightly, started_at) VALUES (%(run_id)s, %(request)s, %(nightly)s, %(started_at)s)
ON CONFLICT (run_id) DO UPDATE
SET request = coalesce(runs.request, excluded.request), state = 'running', reason = NULL, ended_at = NULL,
    started_at = CASE WHEN runs.request IS NULL THEN excluded.started_at ELSE runs.started_at END,
    nightly = runs.nightly OR excluded.nightly, resumed_at = now()
WHERE runs.cancelled_at IS NULL
RETURNING request
"""
_PLAN = """
INSERT INTO tasks (run_id, stage, task_id, region, band, key) VALUES %s
ON CONFLICT (run_id, stage, task_id) DO UPDATE SET band = excluded.band, region = excluded.region
"""


class NightlyStillActive(Permanent):
    """Another nightly run has not ended; one is active at a time."""


def open_run(
    connection: Connection, run_id: str, request: RunRequest, started_at: datetime, *, nightly: bool = False
) -> list[ScrapingTask]:
    """Open the run, or reopen it when it was cleared; -> its planned tasks, ended ones included.

    A run that exists keeps the request it was opened with. Raises Permanent for a cancelled run and
    NightlyStillActive when ``nightly`` and another nightly run is running.
    """
    values = {
        "run_id": run_id,
        "request": Json(msgspec.to_builtins(request)),
        "nightly": nightly,
        "started_at": started_at,
    }
    with connection.cursor() as cursor:
        try:
            cursor.execute(_OPEN, values)
        except UniqueViolation:
            raise NightlyStillActive(f"run {run_id} is not started: another nightly run is still active") from None
        row = cursor.fetchone()
        if row is None:
            raise Permanent(f"run {run_id} was cancelled and stays so; trigger a new run instead of clearing this one")
        tasks = planned_tasks(run_id, msgspec.convert(row[0], RunRequest))
        open_tasks(connection, tasks)
    return tasks


def open_tasks(connection: Connection, tasks: Sequence[ScrapingTask]) -> None:
    """Insert ``tasks`` as pending, before they are produced; those the ledger has keep their state."""
    rows: list[tuple[Any, ...]] = [(t.run_id, "scraping", t.task_id, t.region, str(t.band), t.key) for t in tasks]
    with connection.cursor() as cursor:
        execute_values(cursor, _PLAN, sorted(rows), template="(%s, %s, %s::uuid, %s, %s, %s)")
