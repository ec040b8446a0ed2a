"""What the tables say of one run: its tasks, its effects, what was drained, and whose ratios are there."""

from __future__ import annotations

import msgspec
from psycopg2.extensions import connection as Connection

from include.ledger.evidence import Place, TaskKey

_TASKS = "SELECT stage, task_id::text, key, state, replay_count, error_class FROM tasks WHERE run_id = %s"
_EFFECTS = "SELECT stage, task_id::text, completion FROM effects WHERE run_id = %s"
_DRAINED = 'SELECT topic_id, partition, "offset", topic FROM drained_outcomes WHERE run_id = %s'
# Ratios of a later run may have replaced this run's: what counts is that the stock has some.
_WITHOUT_RATIOS = """
SELECT key FROM tasks
WHERE run_id = %s AND stage = 'processing' AND state = 'completed' AND (detail ->> 'rows')::int > 0
  AND NOT EXISTS (SELECT 1 FROM financial_ratios WHERE financial_ratios.symbol = tasks.key)
ORDER BY key
"""


class LedgerRow(msgspec.Struct, frozen=True):
    """A task as the ledger has it."""

    key: str
    state: str
    replay_count: int
    error_class: str | None


class Account(msgspec.Struct, frozen=True):
    """All that the tables hold of a run, read in one snapshot."""

    tasks: dict[TaskKey, LedgerRow]
    effects: dict[TaskKey, bytes]
    drained: dict[Place, str]
    without_ratios: tuple[str, ...]


def read_account(connection: Connection, run_id: str) -> Account:
    """Read the run's rows; ``connection`` must be in a transaction of its own, whose snapshot this sets."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(_TASKS, (run_id,))
        tasks = {(row[0], row[1]): LedgerRow(*row[2:6]) for row in cursor.fetchall()}
        cursor.execute(_EFFECTS, (run_id,))
        effects = {(stage, task_id): bytes(completion) for stage, task_id, completion in cursor.fetchall()}
        cursor.execute(_DRAINED, (run_id,))
        drained = {(topic_id, partition, offset): topic for topic_id, partition, offset, topic in cursor.fetchall()}
        cursor.execute(_WITHOUT_RATIOS, (run_id,))
        without = tuple(key for (key,) in cursor.fetchall())
    return Account(tasks, effects, drained, without)
