"""What the tables say of the feeds: one question each, all in the caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from include.monitor.reading import SymbolReading
from include.stores.feed_book import FeedReport, Gap

_STATES = """
SELECT updated_at, feed, state, detail, started_at, last_message_at, sent, failed, cache_hits, cache_misses
FROM feed_states
"""
_SYMBOLS = "SELECT feed, symbol, answered_at, failed_at, failure FROM feed_symbols ORDER BY feed, symbol"
# An open gap may be old; it is shown all the same.
_GAPS = """
SELECT feed, started_at, ended_at, reason, state, ticks, detail FROM feed_gaps
ORDER BY state = 'open' DESC, started_at DESC LIMIT %s
"""
_TRADES = """
SELECT feed, (extract(epoch FROM %(until)s - bar_at) / 60)::integer, sum(trades)::bigint FROM bars_1m
WHERE bar_at > %(since)s AND bar_at <= %(until)s GROUP BY feed, bar_at
"""
_GAPS_SHOWN, _MINUTES = 100, 60


class State(msgspec.Struct, frozen=True):
    """What a feed wrote of itself, and when."""

    updated_at: datetime
    report: FeedReport


def clock(connection: Any) -> datetime:
    """The database's clock, by which all processes write. A question may take five seconds from here on."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
        return found


def states(connection: Any) -> dict[str, State]:
    """Feed -> what it wrote; only those that ever ran."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES)
        names = [column.name for column in cursor.description][1:]
        rows = [State(updated, FeedReport(**dict(zip(names, row, strict=True)))) for updated, *row in cursor.fetchall()]
    return {state.report.feed: state for state in rows}


def symbols(connection: Any) -> dict[str, dict[str, SymbolReading]]:
    """Feed -> symbol -> when it was answered."""
    found: dict[str, dict[str, SymbolReading]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SYMBOLS)
        for feed, symbol, *rest in cursor.fetchall():
            found.setdefault(feed, {})[symbol] = SymbolReading(symbol, *rest)
    return found


def gaps(connection: Any) -> tuple[Gap, ...]:
    """The open gaps, then the latest."""
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, [_GAPS_SHOWN])
        names = [column.name for column in cursor.description]
        return tuple(Gap(**dict(zip(names, row, strict=True))) for row in cursor.fetchall())


def trades_per_minute(connection: Any, now: datetime) -> dict[str, tuple[int, ...]]:
    """Feed -> trades in each of the last sixty whole minutes, oldest first; from bars, which are few."""
    until = now.replace(second=0, microsecond=0) - timedelta(minutes=1)
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TRADES, {"since": until - timedelta(minutes=_MINUTES), "until": until})
        for feed, minutes_ago, trades in cursor.fetchall():
            found.setdefault(feed, [0] * _MINUTES)[_MINUTES - 1 - minutes_ago] = trades
    return {feed: tuple(counts) for feed, counts in found.items()}
