"""Folding outcomes into the ledger. Folds commute: any order of the same outcomes ends in the same rows.

- An outcome may arrive before its parent or before the plan's row: it opens the row itself.
- Children are inserted and their parent ended in the caller's one transaction.
- A stock listed in two regions is one task, counted in the first region folded.
- Children of a cancelled run are born failed, class Cancelled.
- A completion ends a pending task whatever their replay counts: its effect is recorded, and the
  replay could only report the same effect again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json, execute_values

from include.contracts.tasks import Stage
from include.ledger.outcome import CANCELLED, Outcome, strongest

_PAGE = 1000


def _strength(row: str) -> str:
    """`Outcome.strength` in SQL. Pending is weakest; a cancelled task yields to a real outcome."""
    rank = (
        f"CASE WHEN {row}.state = 'completed' THEN 3 WHEN {row}.state = 'pending' THEN 0 "
        f"WHEN {row}.error_class = '{CANCELLED}' THEN 1 ELSE 2 END"
    )
    return (
        f"({row}.replay_count, {rank}, coalesce({row}.ended_at, '-infinity'), "
        f"""coalesce({row}.error_message, '') COLLATE "C")"""
    )


_LOCK = "SELECT run_id FROM runs WHERE run_id = ANY(%s) AND cancelled_at IS NOT NULL"

_OPEN_CHILDREN = """
INSERT INTO tasks (run_id, stage, task_id, parent_id, region, band, key, state, error_class, error_message, ended_at)
VALUES %s
ON CONFLICT (run_id, stage, task_id) DO UPDATE
SET parent_id = excluded.parent_id, band = coalesce(tasks.band, excluded.band)
WHERE tasks.parent_id IS NULL
"""
_PENDING_CHILD = "(%s, %s, %s::uuid, %s::uuid, %s, %s, %s, 'pending', NULL, NULL, NULL)"
_CANCELLED_CHILD = f"(%s, %s, %s::uuid, %s::uuid, %s, %s, %s, 'failed', '{CANCELLED}', 'the run was cancelled', now())"

_END_TASKS = f"""
INSERT INTO tasks (run_id, stage, task_id, region, band, key, state, attempts, replay_count,
                   error_class, error_message, detail, stocks, started_at, ended_at)
VALUES %s
ON CONFLICT (run_id, stage, task_id) DO UPDATE
SET state = excluded.state, attempts = excluded.attempts, replay_count = excluded.replay_count,
    error_class = excluded.error_class, error_message = excluded.error_message, detail = excluded.detail,
    stocks = excluded.stocks, started_at = excluded.started_at, ended_at = excluded.ended_at,
    band = coalesce(tasks.band, excluded.band)
WHERE {_strength("excluded")} > {_strength("tasks")}
   OR (tasks.state = 'pending' AND excluded.state = 'completed')
"""  # noqa: S608  made of literals above
_ENDED = "(%s, %s, %s::uuid, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid[], %s, %s)"


def fold(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    """Write ``outcomes`` into the ledger, in the caller's transaction. Safe to repeat."""
    outcomes = list(outcomes)
    if not outcomes:
        return
    run_ids = sorted({o.run_id for o in outcomes})
    with connection.cursor() as cursor:
        cancelled = _lock_runs(cursor, outcomes, run_ids)
        _open_children(cursor, outcomes, cancelled)
        execute_values(
            cursor, _END_TASKS, [_ended(o) for o in strongest(outcomes).values()], template=_ENDED, page_size=_PAGE
        )
        # The database's clock, for the stall check uses it too: workers' clocks may differ.
        cursor.execute("UPDATE runs SET last_outcome_at = clock_timestamp() WHERE run_id = ANY(%s)", (run_ids,))


def _lock_runs(cursor: Cursor, outcomes: Sequence[Outcome], run_ids: list[str]) -> set[str]:
    """Lock the runs, so that no child is born pending beside a cancel; -> those cancelled."""
    first = {run_id: min(o.ended_at for o in outcomes if o.run_id == run_id) for run_id in run_ids}
    execute_values(cursor, "INSERT INTO runs (run_id, started_at) VALUES %s ON CONFLICT DO NOTHING", first.items())
    cursor.execute("SELECT 1 FROM runs WHERE run_id = ANY(%s) ORDER BY run_id FOR UPDATE", (run_ids,))
    cursor.execute(_LOCK, (run_ids,))
    return {row[0] for row in cursor.fetchall()}


def _open_children(cursor: Cursor, outcomes: Sequence[Outcome], cancelled: set[str]) -> None:
    rows: dict[tuple[str, str, str], tuple[Any, ...]] = {}
    for parent in outcomes:
        for child in parent.children:
            row = (
                parent.run_id,
                str(child.stage),
                child.task_id,
                parent.task_id,
                parent.region,
                parent.band,
                child.key,
            )
            rows.setdefault(row[:3], row)
    for template, born in ((_PENDING_CHILD, False), (_CANCELLED_CHILD, True)):
        chosen = [row for _, row in sorted(rows.items()) if (row[0] in cancelled) is born]
        if chosen:
            execute_values(cursor, _OPEN_CHILDREN, chosen, template=template, page_size=_PAGE)


def _ended(outcome: Outcome) -> tuple[Any, ...]:
    stocks = sorted(child.task_id for child in outcome.children if child.stage is Stage.PROCESSING)
    return (
        outcome.run_id,
        str(outcome.stage),
        outcome.task_id,
        outcome.region,
        outcome.band,
        outcome.key,
        outcome.state,
        outcome.attempts,
        outcome.replay_count,
        outcome.error_class,
        outcome.error_message,
        Json(outcome.detail),
        stocks,
        outcome.started_at,
        outcome.ended_at,
    )
