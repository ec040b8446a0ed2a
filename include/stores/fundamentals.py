"""Statements as they were observed: nothing is overwritten, an unchanged answer adds nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from include.contracts.fundamentals import PERIOD_TYPES, Fundamentals, Statement

_HELD = """
SELECT DISTINCT ON (period_type, period_end) period_type, period_end, content_hash
FROM fundamentals WHERE symbol = %s
ORDER BY period_type, period_end, first_seen_at DESC
"""
_INSERT = """
INSERT INTO fundamentals (symbol, period_type, period_end, content_hash, statement, first_seen_at) VALUES %s
ON CONFLICT DO NOTHING
"""
_AS_OF = """
SELECT DISTINCT ON (period_type, period_end) statement, first_seen_at
FROM fundamentals WHERE symbol = %s AND first_seen_at <= %s
ORDER BY period_type, period_end, first_seen_at DESC
"""
_FIRST = "SELECT min(first_seen_at) FROM fundamentals WHERE symbol = %s"


def store(connection: Connection, fundamentals: Fundamentals) -> int:
    """Add the statements that differ from what was last seen of their period; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, (fundamentals.symbol,))
        held: dict[tuple[str, date], str] = {(kind, end): found for kind, end, found in cursor.fetchall()}
        rows = [
            (fundamentals.symbol, s.period_type, s.period_end, digest, content, fundamentals.observed_at)
            for s, content, digest in _digested(fundamentals.statements)
            if held.get((s.period_type, s.period_end)) != digest
        ]
        if rows:
            execute_values(cursor, _INSERT, rows)
    return len(rows)


def as_of(connection: Connection, symbol: str, moment: datetime) -> Fundamentals | None:
    """What was known of ``symbol`` at ``moment``, None if nothing was; restatements seen later are not in it."""
    with connection.cursor() as cursor:
        cursor.execute(_AS_OF, (symbol, moment))
        found: list[tuple[Any, datetime]] = cursor.fetchall()
    if not found:
        return None
    statements = [msgspec.convert(content, Statement) for content, _ in found]
    statements.sort(key=lambda s: (PERIOD_TYPES.index(s.period_type), s.period_end))
    return Fundamentals(symbol, max(seen for _, seen in found), tuple(statements))


def first_seen(connection: Connection, symbol: str) -> datetime | None:
    """When ``symbol``'s statements were first observed, None if never."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, (symbol,))
        row = cursor.fetchone()
    return None if row is None else row[0]


def _digested(statements: Iterable[Statement]) -> Iterable[tuple[Statement, str, str]]:
    for statement in statements:
        content = msgspec.json.encode(statement, order="sorted")
        yield statement, content.decode(), blake2b(content, digest_size=16).hexdigest()
