"""What grows has an end: old runs leave the ledger by default."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection

from include.ledger.reading import ERROR_TOPICS

RETENTION_DAYS = 90

# A run without a request was never planned here: only outcomes of it were seen, and nobody will end it.
_OLD_RUNS = """
DELETE FROM runs WHERE started_at < now() - make_interval(days => %(days)s) AND (state <> 'running' OR request IS NULL)
"""
# Neither table refers to runs: an outcome may be drained, and an effect recorded, before its run is known.
_OLD_EFFECTS = """
DELETE FROM effects WHERE recorded_at < now() - make_interval(days => %(days)s)
  AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.run_id = effects.run_id)
"""
# The error topics keep their records for ever: one whose mark is gone would be drained as new if it is read again.
_OLD_OUTCOMES = """
DELETE FROM drained_outcomes WHERE drained_at < now() - make_interval(days => %(days)s) AND topic <> ALL(%(kept)s)
  AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.run_id = drained_outcomes.run_id)
"""


def prune(connection: Connection, *, days: int = RETENTION_DAYS) -> int:
    """Delete runs that started more than ``days`` ago and have ended, with all that belongs to them; -> how many."""
    with connection.cursor() as cursor:
        cursor.execute(_OLD_RUNS, {"days": days})
        pruned = cursor.rowcount
        cursor.execute(_OLD_EFFECTS, {"days": days})
        cursor.execute(_OLD_OUTCOMES, {"days": days, "kept": list(ERROR_TOPICS)})
    return pruned
