"""What grows has an end: old runs go, reviewed dead letters go, old observations become fewer.

Statements are kept for ever, for nothing else can answer what was known on a past day; an unchanged
answer adds none (docs/what-is-kept.md says how much that is).
"""

from __future__ import annotations

from psycopg2.extensions import connection as Connection

from include.ledger.reading import ERROR_TOPICS
from include.settings import HistorySettings
from include.stores import history

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
# Whether one waits or is being replayed, it is kept until somebody has decided.
_OLD_LETTERS = """
DELETE FROM dead_letters WHERE state IN ('replayed', 'discarded')
  AND NOT EXISTS (SELECT 1 FROM dead_letter_actions WHERE dead_letter_id = dead_letters.id
                  AND acted_at >= now() - make_interval(days => %(days)s))
"""
# Whoever comes second while the first is at it waits for its row, and finds the day's work done.
_DUE = """
INSERT INTO chores (chore, done_at) VALUES ('prune', now())
ON CONFLICT (chore) DO UPDATE SET done_at = now() WHERE chores.done_at < now() - interval '1 day'
RETURNING 1
"""

Pruned = dict[str, int]


def prune_daily(connection: Connection, kept: HistorySettings) -> Pruned:
    """`prune`, unless that was done within the last day. One that fails is tried again at the next call."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        due = cursor.fetchone() is not None
    return prune(connection, kept) if due else {}


def prune(connection: Connection, kept: HistorySettings) -> Pruned:
    """Delete what is older than ``kept`` allows; -> how many rows of each kind went, those of which any did.

    Runs that have ended go with all that belongs to them.
    """
    error_topics = list(ERROR_TOPICS)
    with connection.cursor() as cursor:
        gone = {}
        for kind, statement, days in (
            ("runs", _OLD_RUNS, kept.runs_days),
            ("effects", _OLD_EFFECTS, kept.runs_days),
            ("drained outcomes", _OLD_OUTCOMES, kept.runs_days),
            ("reviewed dead letters", _OLD_LETTERS, kept.dead_letters_days),
        ):
            cursor.execute(statement, {"days": days, "kept": error_topics})
            gone[kind] = cursor.rowcount
    gone["quotes"] = history.thin_quotes(connection, kept.quotes_days)
    gone["exchange rates"] = history.thin_rates(connection, kept.rates_days)
    return {kind: count for kind, count in gone.items() if count}
