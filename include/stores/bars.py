"""One-minute bars, made from the trades in ``market_ticks`` and made again whenever those change.

Whoever writes ticks notes in ``bars_due`` which minutes they touched. A bar is always made from all
trades of its minute, in the order of (ticked_at, tick_id): the order of their arrival changes nothing.
One maker is at work at a time (``take_turn``); what it takes from the list, it makes in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg2

from include.contracts.conditions import SETS_NO_PRICE
from include.stores import partitions

MINUTE = timedelta(minutes=1)
# How long after its end a minute is taken to be over: exchanges have ten seconds to report a trade.
LATENESS = timedelta(seconds=10)

# A maker that stops in the middle does not keep the turn.
_TURN = "SET LOCAL idle_in_transaction_session_timeout = '30s'; SELECT pg_try_advisory_xact_lock(7105304)"
_TAKE = """
WITH taken AS MATERIALIZED (
    SELECT bar_at, feed, symbol, noted_by FROM bars_due ORDER BY bar_at DESC LIMIT %s
)
DELETE FROM bars_due USING taken
WHERE bars_due.bar_at = taken.bar_at AND bars_due.feed = taken.feed AND bars_due.symbol = taken.symbol
  AND bars_due.noted_by = taken.noted_by
RETURNING bars_due.bar_at, bars_due.feed, bars_due.symbol
"""

# If no trade of a minute may set a price, all of them do: prices that were paid, rather than none.
# A bar is never replaced by one of fewer trades: then ticks have gone by retention, and the bar knows more. Trades that
# were taken back count here: a bar may lose those.
_MAKE = """
WITH wanted AS (
    SELECT * FROM unnest(%(feeds)s::text[], %(symbols)s::text[], %(reasons)s::text[]) AS wanted (feed, symbol, reasons)
), trades AS (
    SELECT tick.*, wanted.reasons, NOT coalesce(tick.conditions && %(sets_no_price)s::text[], false) AS may_set
    FROM market_ticks AS tick JOIN wanted USING (feed, symbol)
    WHERE tick.ticked_at >= %(bar_at)s AND tick.ticked_at < %(ends_at)s AND tick.kind = 'trade'
), taken_back AS (
    SELECT feed, symbol, count(*) AS voided FROM trades WHERE voided_at IS NOT NULL GROUP BY feed, symbol
), counted AS (
    SELECT *, may_set OR NOT bool_or(may_set) OVER (PARTITION BY feed, symbol) AS sets_price
    FROM trades WHERE voided_at IS NULL
), summed AS (
    SELECT feed, symbol, min(reasons)::text[] AS reasons, count(*) AS trades,
        array_agg(price ORDER BY ticked_at, tick_id) FILTER (WHERE sets_price) AS prices,
        max(price) FILTER (WHERE sets_price) AS high, min(price) FILTER (WHERE sets_price) AS low,
        sum(size ORDER BY ticked_at, tick_id) AS volume,
        sum(price * size ORDER BY ticked_at, tick_id) AS paid,
        bool_or(size IS NULL) AS sizeless
    FROM counted GROUP BY feed, symbol
), judged AS (
    SELECT *, reasons || CASE WHEN sizeless THEN '{sizeless}' ELSE '{}' END::text[] AS because FROM summed
)
INSERT INTO bars_1m AS bar
    (bar_at, feed, symbol, open, high, low, close, volume, vwap, trades, is_partial, partial_because, voided)
SELECT %(bar_at)s, feed, symbol, prices[1], high, low, prices[cardinality(prices)], volume, paid / nullif(volume, 0),
       trades, because <> '{}', because, coalesce(voided, 0)
FROM judged LEFT JOIN taken_back USING (feed, symbol)
ON CONFLICT (bar_at, feed, symbol) DO UPDATE SET
    open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
    volume = excluded.volume, vwap = excluded.vwap, trades = excluded.trades,
    is_partial = excluded.is_partial, partial_because = excluded.partial_because, voided = excluded.voided,
    updated_at = now()
WHERE excluded.trades + excluded.voided >= bar.trades + bar.voided
"""
# A minute of which every trade was taken back has no bar. Ticks that have gone by retention take no bar with them.
_UNMAKE = """
DELETE FROM bars_1m AS bar USING tick_corrections AS taken
WHERE bar.bar_at = %(bar_at)s AND bar.feed = taken.feed AND bar.symbol = taken.symbol
    AND taken.voided_ticked_at >= %(bar_at)s AND taken.voided_ticked_at < %(ends_at)s
    AND (
        SELECT bool_and(tick.voided_at IS NOT NULL) FROM market_ticks AS tick
        WHERE tick.ticked_at >= %(bar_at)s AND tick.ticked_at < %(ends_at)s
            AND tick.symbol = bar.symbol AND tick.feed = bar.feed AND tick.kind = 'trade'
    )
"""
# Bars whose ticks have gone are judged all the same.
_JUDGE_OLD = """
UPDATE bars_1m AS bar
SET partial_because = found.because, is_partial = found.because <> '{}', updated_at = now()
FROM (
    SELECT bar.feed, bar.symbol, wanted.reasons::text[]
        || CASE WHEN bar.partial_because @> '{sizeless}' THEN '{sizeless}' ELSE '{}' END::text[] AS because
    FROM unnest(%(feeds)s::text[], %(symbols)s::text[], %(reasons)s::text[]) AS wanted (feed, symbol, reasons)
    JOIN bars_1m AS bar USING (feed, symbol)
    WHERE bar.bar_at = %(bar_at)s
) AS found
WHERE bar.bar_at = %(bar_at)s AND bar.feed = found.feed AND bar.symbol = found.symbol
  AND bar.partial_because <> found.because
"""


class Due(msgspec.Struct, frozen=True):
    """The bar of ``symbol`` for the minute that starts at ``bar_at`` is to be made."""

    bar_at: datetime
    feed: str
    symbol: str


def take_turn(connection: Any) -> bool:
    """Whether this transaction may make bars; if not, another one is at it right now."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN)
        return bool(cursor.fetchone()[0])


def take_due(connection: Any, limit: int) -> tuple[list[Due], bool]:
    """Take notes off the list, of the newest minutes first, at most ``limit``.

    -> the bars they are about, newest first, and whether notes may be left. The statements that follow see
    the ticks of all that was taken; what is noted later stays on the list.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [limit])
        found = {Due(*row) for row in cursor.fetchall()}
        more = cursor.rowcount >= limit
    return sorted(found, key=lambda due: (due.bar_at, due.feed, due.symbol), reverse=True), more


def make(connection: Any, bar_at: datetime, due: Sequence[Due], reasons: dict[str, list[str]]) -> int:
    """Make the bars of one minute; ``reasons`` says of each feed why its bars are partial. -> how many changed.

    A symbol without a trade in that minute has no bar. Raises psycopg2.DataError, the transaction unharmed, when
    a sum is beyond all numbers.
    """
    wanted = {
        "bar_at": bar_at,
        "ends_at": bar_at + MINUTE,
        "feeds": [d.feed for d in due],
        "symbols": [d.symbol for d in due],
        "reasons": ["{" + ",".join(reasons[d.feed]) + "}" for d in due],
        "sets_no_price": sorted(SETS_NO_PRICE),
    }
    partitions.ensure(connection, "bars_1m", [bar_at])
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT minute")
        try:
            cursor.execute(_MAKE, wanted)
        except psycopg2.DataError:
            cursor.execute("ROLLBACK TO SAVEPOINT minute")
            raise
        changed = int(cursor.rowcount)
        for others in (_UNMAKE, _JUDGE_OLD):
            cursor.execute(others, wanted)
            changed += int(cursor.rowcount)
        return changed
