"""What a person should hear of after a drain, a line each."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection

from include.ledger.outcome import CANCELLED
from include.ledger.progress import progress
from include.orchestration.drained import Taken

_ERRORS = """
SELECT stage, error_class, count(*), min(error_message) FROM tasks
WHERE run_id = %s AND state = 'failed' AND error_class IS DISTINCT FROM %s
GROUP BY stage, error_class ORDER BY count(*) DESC, stage, error_class LIMIT 5
"""
_SHOWN = 200


def alerts(connection: Connection, taken: Taken, failure_threshold: float) -> list[str]:
    """Failures of the runs that a drain touched, grouped, with thresholds passed and regions incomplete."""
    lines = [f"{taken.unreadable} records of the outcome topics are no outcomes"] if taken.unreadable else []
    for run_id in taken.run_ids:
        lines += _of_run(connection, run_id, failure_threshold)
    return lines


def _of_run(connection: Connection, run_id: str, failure_threshold: float) -> list[str]:
    run = progress(connection, run_id)
    counts = run.counts
    with connection.cursor() as cursor:
        cursor.execute(_ERRORS, (run_id, CANCELLED))
        lines = [
            f"run {run_id}: {count} {stage} tasks failed, {error_class}: {(message or '')[:_SHOWN]}"
            for stage, error_class, count, message in cursor.fetchall()
        ]
    if run.incomplete_regions:
        lines.append(f"run {run_id}: incomplete regions: {', '.join(run.incomplete_regions)}")
    if counts.sent and counts.failed / counts.sent > failure_threshold:
        lines.append(f"run {run_id}: {counts.failed} of {counts.sent} tasks failed, above RUN_FAILURE_THRESHOLD")
    return lines
