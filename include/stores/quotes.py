"""Every quote that ratios were computed from."""

from __future__ import annotations

from datetime import datetime

import msgspec
from psycopg2.extensions import connection as Connection

from include.contracts.quotes import Quote

_INSERT = "INSERT INTO quotes (symbol, observed_at, quote) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_AS_OF = """
SELECT quote FROM quotes WHERE symbol = %s AND observed_at <= %s ORDER BY observed_at DESC LIMIT 1
"""


def store(connection: Connection, quote: Quote) -> None:
    """Keep ``quote``; the same observation twice is one row."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, (quote.symbol, quote.observed_at, msgspec.json.encode(quote).decode()))


def as_of(connection: Connection, symbol: str, moment: datetime) -> Quote | None:
    """The last quote observed up to ``moment``, None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_AS_OF, (symbol, moment))
        row = cursor.fetchone()
    return None if row is None else msgspec.convert(row[0], Quote)
