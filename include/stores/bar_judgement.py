"""Why a bar is partial, from what the feeds have written down about themselves; and when to judge it again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from include.stores.bars import LATENESS, MINUTE

# A gap counts until its ticks were asked for, and then for what lies before the moment from which they were.
# Whatever lies wholly within a filled gap came by history, which leaves nothing out.
_REASONS = """
SELECT feed, array_remove(ARRAY[
    CASE WHEN coalesce(%(at)s, clock_timestamp()) < %(ends_at)s + %(lateness)s OR state.updated_at < %(ends_at)s
        THEN 'open' END,
    CASE WHEN EXISTS (
        SELECT FROM feed_gaps AS gap WHERE gap.feed = asked.feed
            AND gap.started_at < %(ends_at)s AND coalesce(gap.ended_at, 'infinity') > %(bar_at)s
            AND (gap.state <> 'filled' OR gap.filled_from > greatest(gap.started_at, %(bar_at)s))
    ) THEN 'gap' END,
    CASE WHEN NOT filled AND (before.publishes = 'changes' OR EXISTS (
        SELECT FROM feed_publishing AS within WHERE within.feed = asked.feed AND within.publishes = 'changes'
            AND within.since > %(bar_at)s AND within.since < %(ends_at)s
    )) THEN 'changes' END,
    CASE WHEN NOT filled AND before.publishes IS NULL THEN 'unheard' END
], NULL)
FROM unnest(%(feeds)s::text[]) AS asked (feed)
LEFT JOIN feed_states AS state USING (feed)
LEFT JOIN LATERAL (
    SELECT publishes FROM feed_publishing
    WHERE feed_publishing.feed = asked.feed AND since <= %(bar_at)s ORDER BY since DESC LIMIT 1
) AS before ON true
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM feed_gaps AS gap WHERE gap.feed = asked.feed AND gap.state = 'filled'
            AND coalesce(gap.filled_from, gap.started_at) <= %(bar_at)s AND gap.ended_at >= %(ends_at)s
    ) AS filled
) AS history
"""
_OVER = """
INSERT INTO bars_due (bar_at, feed, symbol)
SELECT bar.bar_at, bar.feed, bar.symbol FROM bars_1m AS bar LEFT JOIN feed_states AS state USING (feed)
WHERE bar.partial_because @> '{open}'
    AND bar.bar_at <= coalesce(%(at)s, clock_timestamp()) - %(lateness)s - interval '1 minute'
    AND (state.updated_at IS NULL OR state.updated_at >= bar.bar_at + interval '1 minute')
ON CONFLICT DO NOTHING
"""
_GAPS = """
WITH changed AS (
    UPDATE feed_gaps SET judged_at = updated_at WHERE judged_at IS DISTINCT FROM updated_at
    RETURNING feed, started_at, coalesce(ended_at, 'infinity') AS ended_at
)
INSERT INTO bars_due (bar_at, feed, symbol)
SELECT DISTINCT bar.bar_at, bar.feed, bar.symbol FROM changed JOIN bars_1m AS bar USING (feed)
WHERE bar.bar_at > changed.started_at - interval '1 minute' AND bar.bar_at < changed.ended_at
ON CONFLICT DO NOTHING
"""


def reasons(
    connection: Any, bar_at: datetime, feeds: Iterable[str], at: datetime | None = None
) -> dict[str, list[str]]:
    """Feed -> why bars of that minute are partial as of ``at`` (None is the database's clock); nothing is complete."""
    wanted = {
        "bar_at": bar_at,
        "ends_at": bar_at + MINUTE,
        "lateness": LATENESS,
        "at": at,
        "feeds": sorted(set(feeds)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REASONS, wanted)
        return dict(cursor.fetchall())


def note_changed(connection: Any, at: datetime | None = None) -> int:
    """Put bars on the list whose minute is over by now, or that lie in a gap that came, ended or was filled.

    -> how many. To be called by the one whose turn it is: then nobody is making a bar by older knowledge.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OVER, {"at": at, "lateness": LATENESS})
        noted = cursor.rowcount
        cursor.execute(_GAPS)
        return int(noted + cursor.rowcount)
