"""Applies what vendors took back to ``market_ticks``, in whichever order trades and their corrections come.

A correction names a trade by the vendor's id, which ticks do not keep; but a tick's own id is derived from it, so
of the ticks with that price and size the right one proves itself. It is voided and never deleted: a repetition
of it stays one row, and what was known before can still be told. The trade that stands in its place gets its moment.

A correction is looked for once when it comes, and again in every minute whose ticks have changed since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from include.contracts.corrections import TickCorrection
from include.contracts.identity import tick_id
from include.contracts.prices import Tick, identify_tick
from include.stores.bars import MINUTE, Due
from include.stores.corrections import FIELDS

# A trade is taken back on its own day; nearly always within the hour, which is looked through first.
_REACHES = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))
# The vendor's clocks, and the microseconds that are less than its nanoseconds.
_SLACK = timedelta(seconds=2)

_FIELDS = ", ".join(f"c.{name}" for name in FIELDS)
_NEW = f"SELECT {_FIELDS} FROM tick_corrections AS c WHERE looked_at IS NULL ORDER BY told_at LIMIT %s"  # noqa: S608
_NEAR = f"""
SELECT due.bar_at, c.voided_ticked_at IS NOT NULL, {_FIELDS}
FROM unnest(%(moments)s::timestamptz[], %(feeds)s::text[], %(symbols)s::text[]) AS due (bar_at, feed, symbol)
JOIN tick_corrections AS c USING (feed, symbol)
WHERE due.bar_at <= c.told_at + %(slack)s AND due.bar_at > c.told_at - %(reach)s - interval '1 minute'
    OR due.bar_at <= c.ticked_at + %(slack)s AND due.bar_at > c.ticked_at - %(slack)s - interval '1 minute'
ORDER BY c.told_at
"""  # noqa: S608 - the columns are our own
_ALIKE = """
SELECT ticked_at, tick_id FROM market_ticks
WHERE ticked_at >= %(since)s AND ticked_at < %(until)s AND symbol = %(symbol)s AND feed = %(feed)s AND kind = 'trade'
    AND price = %(price)s AND size IS NOT DISTINCT FROM %(size)s
    AND (%(exchange)s::text IS NULL OR exchange IS NULL OR exchange = %(exchange)s)
ORDER BY ticked_at DESC
"""
_VOID = """
UPDATE market_ticks SET voided_at = now()
WHERE ticked_at = %s AND symbol = %s AND tick_id = %s AND voided_at IS NULL
"""
_REWORD = """
UPDATE market_ticks SET conditions = %s
WHERE ticked_at = %s AND symbol = %s AND tick_id = %s AND conditions IS DISTINCT FROM %s
"""
_OURS = (
    "SELECT voided_ticked_at, new_tick_id FROM tick_corrections WHERE correction_id = %s AND new_tick_id IS NOT NULL"
)
_PUT = """
INSERT INTO market_ticks (ticked_at, symbol, tick_id, feed, kind, price, size, exchange, conditions)
VALUES (%s, %s, %s, %s, 'trade', %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_LOOKED = "UPDATE tick_corrections SET looked_at = now() WHERE correction_id = %s"
_APPLIED = """
UPDATE tick_corrections SET looked_at = now(), voided_ticked_at = %s, voided_tick_id = %s, new_tick_id = %s
WHERE correction_id = %s
"""
_DUE = "INSERT INTO bars_due (bar_at, feed, symbol) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"

_Moment = tuple[datetime, int]  # ticked_at and tick_id
_Trade = tuple[str, float, float | None]  # the vendor's id, price, size


def apply_new(connection: Any, limit: int) -> bool:
    """Look for the trades of at most ``limit`` new corrections and void them; -> whether more wait.

    The minutes that change are noted in ``bars_due``.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEW, [limit])
        found = [_correction(row) for row in cursor.fetchall()]
        for correction in found:
            cursor.execute(_LOOKED, [correction.correction_id])
            for since, until in _spans(correction):
                if _apply(cursor, correction, since, until):
                    break
    return len(found) == limit


def apply_again(connection: Any, due: Sequence[Due]) -> None:
    """Look again for trades that were taken back, in the minutes ``due`` alone: their ticks have changed."""
    asked = {
        "moments": [d.bar_at for d in due],
        "feeds": [d.feed for d in due],
        "symbols": [d.symbol for d in due],
        "slack": _SLACK,
        "reach": _REACHES[-1],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, asked)
        for bar_at, was_applied, *row in cursor.fetchall():
            correction = _correction(row)
            _apply(cursor, correction, bar_at, bar_at + MINUTE, again=was_applied)
            _leave_to_vendor(cursor, correction, bar_at, bar_at + MINUTE)


def _spans(correction: TickCorrection) -> Iterator[tuple[datetime, datetime]]:
    """Where the trade may be: around its moment if that was told, else ever longer before the correction."""
    if correction.ticked_at is not None:
        yield correction.ticked_at - _SLACK, correction.ticked_at + _SLACK
        return
    until = correction.told_at + _SLACK
    for reach in _REACHES:
        yield correction.told_at - reach, until
        until = correction.told_at - reach


def _apply(cursor: Any, correction: TickCorrection, since: datetime, until: datetime, *, again: bool = False) -> bool:
    """Void the trade if it lies between the two, and put the new one in its place; -> whether it was there.

    Every step changes nothing when it is repeated; of two that word one trade anew the later one stays.
    """
    old = next(_trades(cursor, correction, _as_told(correction), since, until), None)
    if old is None:
        return False
    new = _replacement(correction, old[0])
    if new is not None and new.tick_id == old[1]:  # the same trade under other conditions
        changed = 0 if again else _reword(cursor, correction, old)
    else:
        cursor.execute(_VOID, _key(correction, old))
        changed = cursor.rowcount + _put(cursor, correction, new)
    if changed:
        _note(cursor, correction, old[0])
    cursor.execute(_APPLIED, [*old, new.tick_id if new else None, correction.correction_id])
    return True


def _reword(cursor: Any, correction: TickCorrection, old: _Moment) -> int:
    conditions = list(correction.new_conditions)
    cursor.execute(_REWORD, [conditions, *_key(correction, old), conditions])
    return int(cursor.rowcount)


def _leave_to_vendor(cursor: Any, correction: TickCorrection, since: datetime, until: datetime) -> None:
    """Void the tick that we put in place if the vendor's history has that trade at a moment of its own."""
    cursor.execute(_OURS, [correction.correction_id])
    ours = cursor.fetchone()
    if ours and any(key != ours for key in _trades(cursor, correction, _as_corrected(correction), since, until)):
        cursor.execute(_VOID, _key(correction, ours))
        if cursor.rowcount:
            _note(cursor, correction, ours[0])


def _trades(
    cursor: Any, correction: TickCorrection, wanted: _Trade, since: datetime, until: datetime
) -> Iterator[_Moment]:
    """Where the ticks are that are the ``wanted`` trade of the vendor, the latest first."""
    trade, price, size = wanted
    fields = {"feed": correction.feed, "symbol": correction.symbol, "exchange": correction.exchange}
    cursor.execute(_ALIKE, fields | {"price": price, "size": size, "since": since, "until": until})
    for ticked_at, found in cursor.fetchall():
        at = ticked_at.astimezone(UTC)
        amounts = (price, size, None, None, None, None)
        if tick_id(correction.feed, correction.symbol, "trade", at, amounts, trade) == found:
            yield at, found


def _as_told(correction: TickCorrection) -> _Trade:
    return correction.trade, correction.price, correction.size


def _as_corrected(correction: TickCorrection) -> _Trade:
    return correction.new_trade or "", correction.new_price or 0.0, correction.new_size


def _replacement(correction: TickCorrection, at: datetime) -> Tick | None:
    """The trade as it really was, at the moment of the one that it replaces; None if there was no trade."""
    if correction.new_price is None:
        return None
    found = Tick(
        schema_version=1,
        tick_id=0,
        feed=correction.feed,
        symbol=correction.symbol,
        kind="trade",
        ticked_at=at,
        price=correction.new_price,
        size=correction.new_size,
        exchange=correction.exchange,
        conditions=correction.new_conditions,
    )
    return identify_tick(found, correction.new_trade or "")


def _put(cursor: Any, correction: TickCorrection, tick: Tick | None) -> int:
    """Write ``tick``, unless the vendor's own is there already; -> how many rows are new."""
    if tick is None:
        return 0
    since, until = tick.ticked_at - _SLACK, max(tick.ticked_at, correction.told_at) + _SLACK
    if any(_trades(cursor, correction, _as_corrected(correction), since, until)):
        return 0
    words = [tick.exchange, list(tick.conditions)]
    cursor.execute(_PUT, [tick.ticked_at, tick.symbol, tick.tick_id, tick.feed, tick.price, tick.size, *words])
    return int(cursor.rowcount)


def _key(correction: TickCorrection, moment: _Moment) -> tuple[datetime, str, int]:
    return moment[0], correction.symbol, moment[1]


def _note(cursor: Any, correction: TickCorrection, at: datetime) -> None:
    cursor.execute(_DUE, [at.replace(second=0, microsecond=0), correction.feed, correction.symbol])


def _correction(row: Sequence[Any]) -> TickCorrection:
    found = dict(zip(FIELDS, row, strict=True))
    return TickCorrection(**found | {"new_conditions": tuple(found["new_conditions"] or ())})
