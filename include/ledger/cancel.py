"""Cancelling a run, and bringing a replayed task back."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection

from include.contracts.tasks import Stage
from include.ledger.outcome import CANCELLED
from include.stores.postgres import Database

_CANCEL = """
UPDATE runs SET state = 'cancelled', reason = %(reason)s, cancelled_at = coalesce(cancelled_at, now()), ended_at = now()
WHERE run_id = %(run_id)s
  AND (state = 'running' OR state = 'failed'
       AND EXISTS (SELECT 1 FROM tasks WHERE tasks.run_id = %(run_id)s AND tasks.state = 'pending'))
RETURNING run_id
"""
_END_PENDING = """
UPDATE tasks SET state = 'failed', error_class = %(class)s, error_message = %(reason)s, ended_at = now()
WHERE run_id = %(run_id)s AND state = 'pending'
"""
_REOPEN = """
UPDATE tasks SET state = 'pending', replay_count = %(replay_count)s, error_class = NULL, error_message = NULL,
                 started_at = NULL, ended_at = NULL
WHERE run_id = %(run_id)s AND stage = %(stage)s AND task_id = %(task_id)s::uuid AND replay_count < %(replay_count)s
  AND NOT EXISTS (SELECT 1 FROM runs WHERE run_id = %(run_id)s AND cancelled_at IS NOT NULL)
"""


def cancel(connection: Connection, run_id: str, reason: str) -> bool:
    """End a run: its pending tasks fail with class Cancelled, without dead letters.

    A run that failed with pending tasks (a stall) can be cancelled too: workers would still do them.
    -> False when there was nothing to cancel (it had ended, was cancelled before, or is unknown).
    """
    with connection.cursor() as cursor:
        # Locked first: a fold that is being written decides what is pending.
        cursor.execute("SELECT 1 FROM runs WHERE run_id = %s FOR UPDATE", (run_id,))
        cursor.execute(_CANCEL, {"run_id": run_id, "reason": reason})
        if cursor.fetchone() is None:
            return False
        cursor.execute(_END_PENDING, {"run_id": run_id, "reason": reason, "class": CANCELLED})
    return True


def cancelled_runs(database: Database) -> frozenset[str]:
    """The runs whose tasks workers skip: committed without an outcome. Raises Transient."""
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT run_id FROM runs WHERE cancelled_at IS NOT NULL")
        return frozenset(row[0] for row in cursor.fetchall())


def reopen(connection: Connection, run_id: str, stage: Stage, task_id: str, replay_count: int) -> bool:
    """Put a replayed task back to pending, in the caller's transaction with the letter's change.

    -> False, and nothing changes, when that replay (or a later one) is already in the ledger, the
    run was cancelled (workers skip its tasks: look into `cancelled_runs` before sending), or the
    ledger no longer knows the task.
    """
    values = {"run_id": run_id, "stage": str(stage), "task_id": task_id, "replay_count": replay_count}
    with connection.cursor() as cursor:
        # The lock keeps a cancel, a fold and a replay of one run apart.
        cursor.execute("SELECT 1 FROM runs WHERE run_id = %s FOR UPDATE", (run_id,))
        cursor.execute(_REOPEN, values)
        return cursor.rowcount == 1
