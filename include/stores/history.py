"""Old observations become fewer, and still answer for every past day.

Both thin whole weeks or days (UTC), each once: what is older than the last time is not looked at again.
"""

from __future__ import annotations

from psycopg2.extensions import connection as Connection

# The first of a week stays, so a day that had a quote before it still has one: at most a week older, never younger.
_THIN_QUOTES = """
DELETE FROM quotes WHERE observed_at >= %(since)s AND observed_at < %(until)s
  AND EXISTS (SELECT 1 FROM quotes AS earlier WHERE earlier.symbol = quotes.symbol
              AND earlier.observed_at < quotes.observed_at
              AND earlier.observed_at >= date_trunc('week', quotes.observed_at, 'UTC'))
"""
# The latest of a day stays: it is the one that a question about any past day is answered with.
_THIN_RATES = """
DELETE FROM exchange_rates WHERE observed_at >= %(since)s AND observed_at < %(until)s
  AND EXISTS (SELECT 1 FROM exchange_rates AS later
              WHERE later.currency = exchange_rates.currency AND later.quoted_in = exchange_rates.quoted_in
              AND later.rate_at > exchange_rates.rate_at
              AND date_trunc('day', later.observed_at, 'UTC') = date_trunc('day', exchange_rates.observed_at, 'UTC'))
"""
_SPAN = """
SELECT coalesce((SELECT thinned_to FROM chores WHERE chore = %(chore)s), 'epoch'),
       date_trunc(%(unit)s, now() - make_interval(days => %(days)s), 'UTC')
"""
_DONE = """
INSERT INTO chores (chore, done_at, thinned_to) VALUES (%(chore)s, now(), %(until)s)
ON CONFLICT (chore) DO UPDATE SET done_at = now(), thinned_to = greatest(chores.thinned_to, excluded.thinned_to)
"""


def thin_quotes(connection: Connection, days: int) -> int:
    """Of the quotes of weeks that ended more than ``days`` ago leave the first of each week; -> how many went."""
    return _thin(connection, "quotes", "week", _THIN_QUOTES, days)


def thin_rates(connection: Connection, days: int) -> int:
    """Of the exchange rates of days more than ``days`` ago leave the latest of each day; -> how many went."""
    return _thin(connection, "exchange rates", "day", _THIN_RATES, days)


def _thin(connection: Connection, chore: str, unit: str, statement: str, days: int) -> int:
    asked = {"chore": f"thin {chore}", "unit": unit, "days": days}
    with connection.cursor() as cursor:
        cursor.execute(_SPAN, asked)
        since, until = cursor.fetchone() or (None, None)
        cursor.execute(statement, {"since": since, "until": until})
        gone = cursor.rowcount
        cursor.execute(_DONE, asked | {"until": until})
    return gone
