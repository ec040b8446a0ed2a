"""What is known of the feeds' doings: how each is, when each symbol was answered, when a stream was away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from psycopg2.extras import execute_values

FeedState = Literal["running", "waiting", "connected", "lost", "stopped", "failed"]
Publishes = Literal["changes", "all"]

_STATE = """
INSERT INTO feed_states (feed, state, detail, started_at, last_message_at, sent, failed, cache_hits, cache_misses)
VALUES (%(feed)s, %(state)s, %(detail)s, %(started_at)s, %(last_message_at)s, %(sent)s, %(failed)s,
        %(cache_hits)s, %(cache_misses)s)
ON CONFLICT (feed) DO UPDATE SET
    state = excluded.state, detail = excluded.detail, started_at = excluded.started_at, sent = excluded.sent,
    failed = excluded.failed, cache_hits = excluded.cache_hits, cache_misses = excluded.cache_misses,
    last_message_at = greatest(feed_states.last_message_at, excluded.last_message_at), updated_at = now()
"""
_ANSWERED = """
INSERT INTO feed_symbols (feed, symbol, answered_at, price_at) VALUES %s
ON CONFLICT (feed, symbol) DO UPDATE SET
    answered_at = greatest(feed_symbols.answered_at, excluded.answered_at), price_at = excluded.price_at,
    failed_at = NULL, failure = NULL
"""
_FAILED = """
INSERT INTO feed_symbols (feed, symbol, failed_at, failure) VALUES %s
ON CONFLICT (feed, symbol) DO UPDATE SET failed_at = excluded.failed_at, failure = excluded.failure
"""
_ASKED = "SELECT symbol, answered_at, failed_at FROM feed_symbols WHERE feed = %s AND symbol = ANY(%s)"
_STATES = """
SELECT feed, state, detail, started_at, last_message_at, sent, failed, cache_hits, cache_misses FROM feed_states
ORDER BY feed
"""
_GAP_COUNTS = "SELECT feed, state, count(*) FROM feed_gaps GROUP BY feed, state ORDER BY feed, state"
_LAST_MESSAGE = "SELECT last_message_at FROM feed_states WHERE feed = %s"
_OPEN_GAP = """
INSERT INTO feed_gaps (feed, started_at, reason) VALUES (%s, %s, %s)
ON CONFLICT (feed, started_at) DO UPDATE SET
    reason = excluded.reason, state = 'open', ended_at = NULL, updated_at = now()
"""
_CLOSE_GAPS = """
UPDATE feed_gaps SET ended_at = greatest(%s, started_at), state = 'closed', updated_at = now()
WHERE feed = %s AND state = 'open'
"""
_UNFILLED = """
SELECT feed, started_at, ended_at, reason, state, ticks, detail FROM feed_gaps
WHERE feed = %s AND state = 'closed' ORDER BY started_at
"""
_END_GAP = """
UPDATE feed_gaps SET state = %s, ticks = %s, detail = %s, filled_from = %s, updated_at = now()
WHERE feed = %s AND started_at = %s
"""
_PUBLISHES = """
INSERT INTO feed_publishing (feed, since, publishes)
SELECT %(feed)s, %(since)s, %(publishes)s WHERE %(publishes)s IS DISTINCT FROM (
    SELECT publishes FROM feed_publishing WHERE feed = %(feed)s AND since <= %(since)s ORDER BY since DESC LIMIT 1
)
ON CONFLICT (feed, since) DO UPDATE SET publishes = excluded.publishes
"""


class FeedReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a feed does; counts are since ``started_at``, ``last_message_at`` is the vendor's own time."""

    feed: str
    state: FeedState
    started_at: datetime
    detail: str | None = None
    last_message_at: datetime | None = None
    sent: int = 0
    failed: int = 0
    cache_hits: int = 0
    cache_misses: int = 0


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """From ``started_at`` to ``ended_at`` a stream was not heard."""

    feed: str
    started_at: datetime
    ended_at: datetime | None
    reason: str
    state: str
    ticks: int | None = None
    detail: str | None = None


def report(connection: Any, state: FeedReport) -> None:
    """Write down how a feed does; ``last_message_at`` never goes back."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, msgspec.structs.asdict(state))


def states(connection: Any) -> list[FeedReport]:
    """How every feed does that has ever run."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES)
        names = [column.name for column in cursor.description]
        return [FeedReport(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def gap_counts(connection: Any) -> dict[str, dict[str, int]]:
    """Feed -> state of its gaps -> how many."""
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_GAP_COUNTS)
        for feed, state, count in cursor.fetchall():
            found.setdefault(feed, {})[state] = count
    return found


def last_message_at(connection: Any, feed: str) -> datetime | None:
    """The time of the newest message that ``feed`` ever got through; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_MESSAGE, [feed])
        row = cursor.fetchone()
        return row[0] if row else None


Asked = tuple[datetime | None, datetime | None]


def asked(connection: Any, feed: str, symbols: Iterable[str]) -> dict[str, Asked]:
    """When each symbol was last answered, and when it failed since then; those never asked are absent."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [feed, list(symbols)])
        return {symbol: (answered_at, failed_at) for symbol, answered_at, failed_at in cursor.fetchall()}


def answered(connection: Any, feed: str, at: datetime, price_at: Mapping[str, datetime]) -> None:
    """These symbols were answered ``at`` with prices of those moments."""
    with connection.cursor() as cursor:
        execute_values(cursor, _ANSWERED, [(feed, symbol, at, moment) for symbol, moment in price_at.items()])


def failed(connection: Any, feed: str, at: datetime, failures: Mapping[str, str]) -> None:
    """These symbols could not be had, and why."""
    with connection.cursor() as cursor:
        execute_values(cursor, _FAILED, [(feed, symbol, at, why) for symbol, why in failures.items()])


def open_gap(connection: Any, feed: str, started_at: datetime, reason: str) -> None:
    """From ``started_at`` on, ``feed`` is not heard."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_GAP, [feed, started_at, reason])


def close_gaps(connection: Any, feed: str, ended_at: datetime) -> None:
    """``feed`` is heard again."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE_GAPS, [ended_at, feed])


def closed_gaps(connection: Any, feed: str) -> list[Gap]:
    """The gaps that are over and wait to be filled, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_UNFILLED, [feed])
        names = ("feed", "started_at", "ended_at", "reason", "state", "ticks", "detail")
        return [Gap(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def end_gap(
    connection: Any, gap: Gap, ticks: int | None, detail: str | None, filled_from: datetime | None = None
) -> None:
    """``gap`` was filled with ``ticks``, from ``filled_from`` on if not from its start.

    None leaves it unfilled for the reason in ``detail``.
    """
    with connection.cursor() as cursor:
        state = "unfilled" if ticks is None else "filled"
        cursor.execute(_END_GAP, [state, ticks, detail, filled_from, gap.feed, gap.started_at])


def publishes(connection: Any, feed: str, since: datetime, which: Publishes) -> None:
    """From ``since`` on ``feed`` publishes those ticks; a repetition of what held already adds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHES, {"feed": feed, "since": since, "publishes": which})
