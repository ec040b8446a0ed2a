"""Exchange rates as they were observed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from include.contracts.fundamentals import ExchangeRate

_INSERT = """
INSERT INTO exchange_rates (currency, quoted_in, rate_at, rate, observed_at) VALUES %s ON CONFLICT DO NOTHING
"""
_OBSERVED = """
SELECT DISTINCT ON (currency) currency, quoted_in, rate, rate_at
FROM exchange_rates
WHERE currency = ANY(%s) AND quoted_in = %s AND observed_at > %s AND observed_at <= %s
ORDER BY currency, rate_at DESC
"""


def store(connection: Connection, rates: Sequence[ExchangeRate], observed_at: datetime) -> None:
    """Keep ``rates``; a rate of the same moment is kept once."""
    rows = [(r.currency, r.quoted_in, r.rate_at, r.rate, observed_at) for r in rates]
    if rows:
        with connection.cursor() as cursor:
            execute_values(cursor, _INSERT, rows)


def observed(
    connection: Connection, currencies: Collection[str], quoted_in: str, after: datetime, until: datetime
) -> list[ExchangeRate]:
    """The latest rate of each currency that was observed after ``after`` and up to ``until``."""
    with connection.cursor() as cursor:
        cursor.execute(_OBSERVED, (list(currencies), quoted_in, after, until))
        return [ExchangeRate(*row) for row in cursor.fetchall()]
