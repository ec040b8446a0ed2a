"""Native time partitions: made before rows come, dropped when they are old. A hypertable does both by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from psycopg2 import sql

Span = Literal["day", "month"]

# table -> how much time one partition holds
SPANS: dict[str, Span] = {
    "market_ticks": "day",
    "price_history": "month",
    "bars_1m": "month",
    "price_movements": "month",
}

_LOCK = "SELECT pg_advisory_xact_lock(7105303)"
_PARTITIONED = "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)"
_EXISTING = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = to_regclass(%s) ORDER BY 1
"""
# Not CREATE … PARTITION OF: that waits for whoever reads the table, and all who come later wait for it.
_CREATE = "CREATE TABLE {partition} (LIKE {table} INCLUDING DEFAULTS)"
_ATTACH = "ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM (%s) TO (%s)"


def ensure(connection: Any, table: str, moments: Iterable[datetime]) -> list[str]:
    """Make the partitions of ``table`` in which ``moments`` lie; -> those made. Cheap to repeat, safe side by side.

    Waits for no reader and no writer of the table, only for others that make or drop its partitions.
    """
    wanted = {_name(table, start): start for start in (_start(table, moment) for moment in moments)}
    with connection.cursor() as cursor:
        cursor.execute(_PARTITIONED, [table])
        row = cursor.fetchone()
        if not row or not row[0] or set(wanted) <= set(_existing(cursor, table)):
            return []
        cursor.execute(_LOCK)
        missing = sorted(set(wanted) - set(_existing(cursor, table)))
        for name in missing:
            names = {"table": sql.Identifier(table), "partition": sql.Identifier(name)}
            bounds = [_midnight(wanted[name]), _midnight(_after(table, wanted[name]))]
            cursor.execute(sql.SQL(_CREATE).format(**names))
            cursor.execute(sql.SQL(_ATTACH).format(**names), bounds)
    return missing


def drop_before(connection: Any, table: str, moment: datetime) -> list[str]:
    """Drop the partitions of ``table`` that end at or before ``moment``; -> those dropped."""
    with connection.cursor() as cursor:
        newest_kept = _name(table, _start(table, moment))
        old = [name for name in _existing(cursor, table) if name < newest_kept]
        for name in old:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(name)))
    return old


def _existing(cursor: Any, table: str) -> list[str]:
    cursor.execute(_EXISTING, [table])
    return [row[0] for row in cursor.fetchall()]


def _start(table: str, moment: datetime) -> date:
    day = moment.astimezone(UTC).date()
    return day if SPANS[table] == "day" else day.replace(day=1)


def _after(table: str, start: date) -> date:
    if SPANS[table] == "day":
        return start + timedelta(days=1)
    return (start + timedelta(days=32)).replace(day=1)


def _name(table: str, start: date) -> str:
    return f"{table}_{start:%Y%m%d}"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
