"""What grows has an end: time tables lose what is too old, by whole partitions or chunks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from include.stores import partitions

# Dropping waits for whoever uses the table, and all who come later wait for it: rather try again another time.
_SOON = "SET LOCAL lock_timeout = '2s'"
# The extension may have come after the tables: what counts is what they are.
_HYPERTABLE = "SELECT relkind = 'r' FROM pg_class WHERE oid = to_regclass(%s)"
_CHUNKS = "SELECT drop_chunks(%s::regclass, older_than => %s::timestamptz)"
# TimescaleDB drops by a policy of its own as well, whether or not a process of ours runs: it must say the same.
_POLICY = """
SELECT (config ->> 'drop_after')::interval = make_interval(days => %s) FROM timescaledb_information.jobs
WHERE proc_name = 'policy_retention' AND hypertable_name = %s
"""
_NO_POLICY = "SELECT remove_retention_policy(%s::regclass, if_exists => true)"
_NEW_POLICY = "SELECT add_retention_policy(%s::regclass, drop_after => make_interval(days => %s))"
_CORRECTIONS = "DELETE FROM tick_corrections WHERE coalesce(voided_ticked_at, ticked_at, told_at) < %s"
_GAPS = "DELETE FROM feed_gaps WHERE state <> 'open' AND ended_at < %s"


def drop_before(connection: Any, table: str, moment: datetime) -> list[str]:
    """Drop what lies before ``moment`` in one of the time tables (``partitions.SPANS``); -> the names of what went.

    A partition or chunk in which ``moment`` itself lies stays whole. Raises psycopg2.errors.LockNotAvailable
    (which ``Database.transaction`` makes Transient) when the table is too busy.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SOON)
        if _is_hypertable(cursor, table):
            cursor.execute(_CHUNKS, [table, moment])
            return [str(row[0]) for row in cursor.fetchall()]
    return partitions.drop_before(connection, table, moment)


def keep(connection: Any, table: str, days: int) -> None:
    """Let TimescaleDB keep ``days`` of ``table``; where that is no hypertable there is nothing to tell."""
    with connection.cursor() as cursor:
        if not _is_hypertable(cursor, table):
            return
        cursor.execute(_POLICY, [days, table])
        row = cursor.fetchone()
        if not (row and row[0]):
            cursor.execute(_SOON)
            cursor.execute(_NO_POLICY, [table])
            cursor.execute(_NEW_POLICY, [table, days])


def delete_gaps_before(connection: Any, moment: datetime) -> int:
    """Forget the feeds' gaps that ended before ``moment``; -> how many."""
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, [moment])
        return int(cursor.rowcount)


def delete_corrections_before(connection: Any, moment: datetime) -> int:
    """Forget what was taken back of ticks before ``moment``; -> how many."""
    with connection.cursor() as cursor:
        cursor.execute(_CORRECTIONS, [moment])
        return int(cursor.rowcount)


def _is_hypertable(cursor: Any, table: str) -> bool:
    """To PostgreSQL a hypertable is an ordinary table; ours are partitioned where they are none."""
    cursor.execute(_HYPERTABLE, [table])
    row = cursor.fetchone()
    return bool(row and row[0])
