"""What grows has an end: old runs leave the ledger by default."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection

RETENTION_DAYS = 90

_OLD_RUNS = """
DELETE FROM runs WHERE started_at < now() - make_interval(days => %(days)s) AND state <> 'running' RETURNING run_id
"""
# Neither table refers to runs: an outcome may be drained, and an effect recorded, before its run is known.
_OLD_EFFECTS = """
DELETE FROM effects WHERE recorded_at < now() - make_interval(days => %(days)s)
  AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.run_id = effects.run_id)
"""
_OLD_OUTCOMES = """
DELETE FROM drained_outcomes WHERE drained_at < now() - make_interval(days => %(days)s)
  AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.run_id = drained_outcomes.run_id)
"""


def prune(connection: Connection, *, days: int = RETENTION_DAYS) -> int:
    """Delete runs that started more than ``days`` ago and have ended, with all that belongs to them; -> how many."""
    with connection.cursor() as cursor:
        cursor.execute(_OLD_RUNS, {"days": days})
        pruned = cursor.rowcount
        cursor.execute(_OLD_EFFECTS, {"days": days})
        cursor.execute(_OLD_OUTCOMES, {"days": days})
    return pruned
