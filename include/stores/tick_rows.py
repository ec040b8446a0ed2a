"""Ticks as rows of ``market_ticks``, and which of them can never be one; written to be fast, there are millions."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import NamedTuple

from include.contracts.prices import Tick
from include.stores.base import Refusal
from include.stores.binary_copy import (
    DAY_US,
    EPOCH,
    MICROSECOND,
    MINUTE_US,
    NULL,
    Unkeepable,
    microseconds,
    text,
    texts,
)

# The key first, so that rows sort as it does; then the numbers, then what the same few texts say again and again.
COLUMNS = "ticked_at, symbol, tick_id, price, size, bid, bid_size, ask, ask_size, feed, kind, exchange, conditions"
# A partition is made for every day there is a tick of: no more of them than this, whatever a message says.
OLDEST = timedelta(days=10 * 366)
AHEAD = timedelta(days=1)

_LONGEST_BYTES = 200  # of a text: far above any symbol, and far below what a key may have
_MANY = 100_000  # texts remembered: more are taken for rubbish and forgotten
_COLUMN_COUNT = COLUMNS.count(",") + 1

_key = struct.Struct("!hiq").pack
_moment, _MOMENT_AT = struct.Struct("!q").unpack_from, struct.calcsize("!hi")
_id = struct.Struct("!iq").pack
_amount = struct.Struct("!id").pack
_of_a_trade = struct.Struct("!iqididiiii").pack
_of_a_quote = struct.Struct("!iqidiidididid").pack

_Words = tuple[str, str, str | None, tuple[str, ...]]  # feed, kind, exchange, conditions


class Rows(NamedTuple):
    """A batch as binary rows in the order of the table's key, and what they touch.

    ``due`` are rows of ``bars_due`` (bar_at, feed, symbol): the minutes whose bars change. ``days`` are the days (since
    2000) that need a partition.
    """

    rows: list[bytes]
    due: list[bytes]
    days: frozenset[int]
    refused: tuple[Refusal, ...]


class _Texts(dict[str, bytes]):
    """Texts as fields, remembered."""

    def __missing__(self, value: str) -> bytes:
        if len(self) > _MANY:
            self.clear()
        found = self[value] = text(value, _LONGEST_BYTES)
        return found


class _Tails(dict[_Words, bytes]):
    """The last four fields of a row, remembered."""

    def __missing__(self, words: _Words) -> bytes:
        if len(self) > _MANY:
            self.clear()
        *single, conditions = words
        fields = [text(word, _LONGEST_BYTES) for word in single]
        found = self[words] = b"".join((*fields, texts(conditions, _LONGEST_BYTES)))
        return found


class TickRows:
    """Makes rows of ticks; remembers the texts that it has seen. Not for two threads at once."""

    def __init__(self) -> None:
        self._texts = _Texts()
        self._tails = _Tails()

    def of(self, ticks: Sequence[Tick], now: datetime | None = None) -> Rows:
        """The rows of ``ticks`` as of ``now`` (None is this moment)."""
        at = now or datetime.now(UTC)
        oldest, newest = microseconds(at - OLDEST), microseconds(at + AHEAD)
        symbols, tails, join = self._texts, self._tails, b"".join
        rows: list[bytes] = []
        traded: set[tuple[int, str, str]] = set()
        refused: list[Refusal] = []
        for position, tick in enumerate(ticks):
            kind, feed, symbol = tick.kind, tick.feed, tick.symbol
            try:
                moment = (tick.ticked_at - EPOCH) // MICROSECOND
                if not oldest <= moment <= newest:
                    raise Unkeepable("it is no time of a tick")
                tail = tails[feed, kind, tick.exchange, tick.conditions]
                rows.append(join((_key(_COLUMN_COUNT, 8, moment), symbols[symbol], _numbers(tick), tail)))
            except (Unkeepable, TypeError, struct.error) as error:
                refused.append(Refusal(position, f"{error} (ticked_at is {tick.ticked_at.isoformat()})"))
                continue
            if kind == "trade":
                traded.add((moment // MINUTE_US, feed, symbol))
        rows.sort()
        return Rows(rows, [self._due(*minute) for minute in sorted(traded)], _days(rows), tuple(refused))

    def _due(self, minute: int, feed: str, symbol: str) -> bytes:
        return _key(3, 8, minute * MINUTE_US) + self._texts[feed] + self._texts[symbol]


def _days(rows: Sequence[bytes]) -> frozenset[int]:
    """The days (since 2000) of sorted ``rows``, which are nearly always of one."""
    if not rows:
        return frozenset()
    first, last = (_moment(row, _MOMENT_AT)[0] // DAY_US for row in (rows[0], rows[-1]))
    if first == last:
        return frozenset({first})
    return frozenset(_moment(row, _MOMENT_AT)[0] // DAY_US for row in rows)


def _numbers(tick: Tick) -> bytes:
    """The id and the six amounts as fields: in one go those of a trade and of a whole quote, which nearly all are."""
    price, size = tick.price, tick.size
    bid, bid_size, ask, ask_size = tick.bid, tick.bid_size, tick.ask, tick.ask_size
    if bid is None and ask is None and bid_size is None and ask_size is None:
        if size is not None and isfinite(price + size):
            return _of_a_trade(8, tick.tick_id, 8, price, 8, size, -1, -1, -1, -1)
    elif size is None and bid is not None and bid_size is not None and ask is not None and ask_size is not None:
        whole = isfinite(price + bid + bid_size + ask + ask_size)
        if whole:
            return _of_a_quote(8, tick.tick_id, 8, price, -1, 8, bid, 8, bid_size, 8, ask, 8, ask_size)
    return _id(8, tick.tick_id) + b"".join(map(_field, (price, size, bid, bid_size, ask, ask_size)))


def _field(amount: float | None) -> bytes:
    if amount is None:
        return NULL
    if not isfinite(amount):
        raise Unkeepable(f"an amount is {amount}")
    return _amount(8, amount)
