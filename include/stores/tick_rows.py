"""Ticks as rows of ``market_ticks``, and which of them can never be one."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import NamedTuple

from include.contracts.prices import Tick
from include.stores.base import Refusal
from include.stores.binary_copy import MINUTE_US, NULL, Unkeepable, microseconds, text, texts

COLUMNS = "ticked_at, symbol, tick_id, feed, kind, price, size, bid, bid_size, ask, ask_size, exchange, conditions"
# A partition is made for every day there is a tick of: no more of them than this, whatever a message says.
OLDEST = timedelta(days=10 * 366)
AHEAD = timedelta(days=1)

_LONGEST_BYTES = 200  # of a text: far above any symbol, and far below what a key may have
_MANY = 100_000  # texts remembered: more are taken for rubbish and forgotten

_key = struct.Struct("!hiq").pack
_id = struct.Struct("!iq").pack
_amount = struct.Struct("!id").pack
_COLUMN_COUNT = COLUMNS.count(",") + 1


class Minute(NamedTuple):
    """A minute in which a symbol of a feed had trades; ``number`` counts minutes since 2000."""

    number: int
    feed: str
    symbol: str


class Rows(NamedTuple):
    """A batch as binary rows in the order of the table's key, and what they touch.

    ``traded`` are the minutes whose bars change, ``days`` the days (since 2000) that need a partition.
    """

    rows: list[bytes]
    traded: frozenset[Minute]
    days: frozenset[int]
    refused: tuple[Refusal, ...]


class _Fields(dict[str | None, bytes]):
    """Texts as fields: the same few thousand symbols come again and again."""

    def __missing__(self, value: str | None) -> bytes:
        if len(self) > _MANY:
            self.clear()
        found = self[value] = text(value, _LONGEST_BYTES)
        return found


class _Conditions(dict[tuple[str, ...], bytes]):
    """The conditions of trades as fields."""

    def __missing__(self, values: tuple[str, ...]) -> bytes:
        if len(self) > _MANY:
            self.clear()
        found = self[values] = texts(values, _LONGEST_BYTES)
        return found


class TickRows:
    """Makes rows of ticks; remembers the texts that it has seen. Not for two threads at once."""

    def __init__(self) -> None:
        self._fields = _Fields()
        self._conditions = _Conditions()

    def of(self, ticks: Sequence[Tick], now: datetime | None = None) -> Rows:
        """The rows of ``ticks`` as of ``now`` (None is this moment)."""
        at = now or datetime.now(UTC)
        oldest, newest = microseconds(at - OLDEST), microseconds(at + AHEAD)
        rows: list[bytes] = []
        traded: set[Minute] = set()
        minutes: set[int] = set()
        refused: list[Refusal] = []
        for position, tick in enumerate(ticks):
            try:
                moment = microseconds(tick.ticked_at)
                if not oldest <= moment <= newest:
                    raise Unkeepable(f"ticked_at is {tick.ticked_at.isoformat()}, which is no time of a tick")
                rows.append(self._row(tick, moment))
            except (Unkeepable, struct.error) as error:
                refused.append(Refusal(position, str(error)))
                continue
            minute = moment // MINUTE_US
            minutes.add(minute)
            if tick.kind == "trade":
                traded.add(Minute(minute, tick.feed, tick.symbol))
        rows.sort()
        return Rows(rows, frozenset(traded), frozenset(minute // 1440 for minute in minutes), tuple(refused))

    def _row(self, tick: Tick, moment: int) -> bytes:
        fields = self._fields
        return b"".join(
            (
                _key(_COLUMN_COUNT, 8, moment),
                fields[tick.symbol],
                _id(8, tick.tick_id),
                fields[tick.feed],
                fields[tick.kind],
                _finite(tick.price),
                NULL if tick.size is None else _finite(tick.size),
                NULL if tick.bid is None else _finite(tick.bid),
                NULL if tick.bid_size is None else _finite(tick.bid_size),
                NULL if tick.ask is None else _finite(tick.ask),
                NULL if tick.ask_size is None else _finite(tick.ask_size),
                fields[tick.exchange],
                self._conditions[tick.conditions],
            )
        )


def due_row(minute: Minute) -> bytes:
    """A row of ``bars_due`` (bar_at, feed, symbol)."""
    bar_at = _key(3, 8, minute.number * MINUTE_US)
    return bar_at + text(minute.feed, _LONGEST_BYTES) + text(minute.symbol, _LONGEST_BYTES)


def _finite(amount: float) -> bytes:
    if not isfinite(amount):
        raise Unkeepable(f"an amount is {amount}")
    return _amount(8, amount)
