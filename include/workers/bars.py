"""The maker of bars: takes back what the vendors took back, and makes the bars that are due from the ticks.

    tick_corrections -> market_ticks, bars_due -> bars_1m        one transaction, one maker at a time

Any number of processes may have a maker: whoever has the turn makes, the others look again a moment
later. A crash leaves the list as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
import psycopg2

from include.stores import bar_judgement, bars, correcting
from include.stores.bars import Due
from include.stores.postgres import Database
from include.workers.rounds import Rounds

log = logging.getLogger(__name__)

# The running minute is made again from its beginning each time.
_EVERY_S = 2.0
# A transaction of so many notes takes well under a second, and somebody else's turn comes soon.
_LARGEST_BATCH = 2_000
# A trade that is not there is looked for through a day of ticks.
_CORRECTIONS = 20

_UNMADE = (
    "the bar of %s of %s at %s cannot be made: %s. The others are. Look among the ticks of that minute in market_ticks "
    "for a price or size that cannot be, and delete it; a row in bars_due, or the next tick of that minute, has the "
    "bar made again"
)


class Made(msgspec.Struct, frozen=True):
    """What came of one transaction: ``changed`` bars, those that cannot be made, whether more are due."""

    changed: int = 0
    failed: tuple[Due, ...] = ()
    more: bool = False


def bar_maker(database: Database) -> Rounds:
    """The maker as a part of a process: start, stop, health."""
    return Rounds("bars", lambda: make_bars(database).more, every_s=_EVERY_S)


def make_bars(database: Database, *, at: datetime | None = None, limit: int = _LARGEST_BATCH) -> Made:
    """Make the bars that are due, judged as of ``at`` (None is the database's clock). Raises Transient."""
    with database.transaction() as connection:
        if not bars.take_turn(connection):
            return Made()
        bar_judgement.note_changed(connection, at)
        more_corrections = correcting.apply_new(connection, _CORRECTIONS)
        due, more = bars.take_due(connection, limit)
        correcting.apply_again(connection, due)
        changed, failed = 0, []
        for bar_at, of_minute in groupby(due, key=lambda d: d.bar_at):
            minute = list(of_minute)
            reasons = bar_judgement.reasons(connection, bar_at, (d.feed for d in minute), at)
            number, wrong = _made(connection, bar_at, minute, reasons)
            changed += number
            failed += wrong
    return Made(changed, tuple(failed), more or more_corrections)


def _made(
    connection: Any, bar_at: datetime, due: Sequence[Due], reasons: dict[str, list[str]]
) -> tuple[int, list[Due]]:
    """The bars of a minute, together; one by one if a sum of theirs is beyond all numbers."""
    try:
        return bars.make(connection, bar_at, due, reasons), []
    except psycopg2.DataError as error:
        if len(due) == 1:
            log.error(_UNMADE, due[0].symbol, due[0].feed, bar_at.isoformat(), " ".join(str(error).split()))
            return 0, list(due)
    each = [_made(connection, bar_at, [one], reasons) for one in due]
    return sum(number for number, _ in each), [one for _, wrong in each for one in wrong]
