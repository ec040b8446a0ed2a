"""Which ticks a file holds: the file itself is the index, read when it is needed."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from include.contracts.prices import Tick
from include.errors import Permanent
from include.stores.tick_csv import decode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TICK_ID_BITS = 64


class TickKeys:
    """Row keys of ticks, exact, in about 80 bytes each."""

    def __init__(self) -> None:
        self._by_symbol: defaultdict[str, set[int]] = defaultdict(set)
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None

    def __contains__(self, tick: Tick) -> bool:
        return _number(tick) in self._by_symbol.get(tick.symbol, ())

    def __len__(self) -> int:
        return sum(map(len, self._by_symbol.values()))

    def add(self, tick: Tick) -> None:
        """``tick`` is held."""
        self._by_symbol[tick.symbol].add(_number(tick))
        at = tick.ticked_at.astimezone(UTC)
        self.first_at = min(self.first_at or at, at)
        self.last_at = max(self.last_at or at, at)

    def add_lines(self, lines: Iterable[str]) -> None:
        """The ticks of ``lines`` are held; whatever else is there is passed over."""
        for line in lines:
            try:
                self.add(decode(line))
            except Permanent:
                continue


def keys_of_closed(path: Path) -> TickKeys:
    """The keys of a compressed file. Raises OSError or EOFError if it is damaged."""
    keys = TickKeys()
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        keys.add_lines(lines)
    return keys


def _number(tick: Tick) -> int:
    return ((tick.ticked_at - _EPOCH) // _MICROSECOND << _TICK_ID_BITS) + tick.tick_id
