"""What grows has an end: time tables lose what is too old, by whole partitions or chunks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from include.stores import partitions

# Dropping waits for whoever uses the table, and all who come later wait for it: rather try again another time.
_SOON = "SET LOCAL lock_timeout = '2s'"
_EXTENSION = "SELECT FROM pg_extension WHERE extname = 'timescaledb'"
_CHUNKS = "SELECT drop_chunks(%s::regclass, older_than => %s::timestamptz)"
_GAPS = "DELETE FROM feed_gaps WHERE state <> 'open' AND ended_at < %s"


def drop_before(connection: Any, table: str, moment: datetime) -> list[str]:
    """Drop what lies before ``moment`` in one of the time tables (``partitions.SPANS``); -> the names of what went.

    A partition or chunk in which ``moment`` itself lies stays whole. Raises psycopg2.errors.LockNotAvailable
    (which ``Database.transaction`` makes Transient) when the table is too busy.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SOON)
        cursor.execute(_EXTENSION)
        if cursor.rowcount:
            cursor.execute(_CHUNKS, [table, moment])
            return [str(row[0]) for row in cursor.fetchall()]
    return partitions.drop_before(connection, table, moment)


def delete_gaps_before(connection: Any, moment: datetime) -> int:
    """Forget the feeds' gaps that ended before ``moment``; -> how many."""
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, [moment])
        return int(cursor.rowcount)
