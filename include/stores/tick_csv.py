"""Ticks as lines of CSV, and back: one line per tick, a header line, nothing that breaks a line.

Numbers are written so that reading them gives the same number; conditions are a JSON list in their cell; what a
tick does not have is an empty cell. A spreadsheet shows ``tick_id`` rounded: import that column as text.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from include.contracts.prices import Tick
from include.errors import Permanent

COLUMNS = (
    *("ticked_at", "feed", "symbol", "kind", "price", "size", "bid", "bid_size", "ask", "ask_size"),
    *("exchange", "conditions", "tick_id"),
)
HEADER = ",".join(COLUMNS).encode() + b"\n"

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_BIGINT = 2**63
_SPACE = 0x20  # what is below breaks lines, or is not text
_conditions = msgspec.json.Decoder(tuple[str, ...])


def encode(ticks: Iterable[Tick]) -> bytes:
    """The lines of ``ticks``, without a header."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(map(_cells, ticks))
    return text.getvalue().encode()


def decode(cells: Sequence[str]) -> Tick:
    """The tick of one line. Raises Permanent naming what is wrong with it."""
    if len(cells) != len(COLUMNS):
        raise Permanent(f"it has {len(cells)} cells instead of {len(COLUMNS)}")
    given: dict[str, object] = {name: cell for name, cell in zip(COLUMNS, cells, strict=True) if cell}
    try:
        if "conditions" in given:
            given["conditions"] = _conditions.decode(cells[COLUMNS.index("conditions")])
        tick = msgspec.convert(given | {"schema_version": 1}, Tick, strict=False)
    except msgspec.DecodeError as error:  # ValidationError is one
        raise Permanent(f"it is no tick: {error}") from error
    why = unfit(tick)
    if why is not None:
        raise Permanent(f"it is no tick: {why}")
    return tick


def unfit(tick: Tick) -> str | None:
    """Why ``tick`` cannot be a line that gives the same tick when it is read, or None."""
    if tick.ticked_at.tzinfo is None or not _EARLIEST <= tick.ticked_at < _LATEST:
        return f"ticked_at is {tick.ticked_at.isoformat()}, which is no time of a market"
    numbers = (tick.price, tick.size, tick.bid, tick.bid_size, tick.ask, tick.ask_size)
    if not all(number is None or math.isfinite(number) for number in numbers):
        return "a number of it is infinite or none"
    for name, text in (("feed", tick.feed), ("symbol", tick.symbol), ("exchange", tick.exchange)):
        if text is not None and not _is_line(text):
            return f"{name} is {text!r}, which is no text of one line"
    if not -_BIGINT <= tick.tick_id < _BIGINT:
        return f"tick_id is {tick.tick_id}, which has more than 64 bits"
    return None if tick.symbol and tick.feed else "feed or symbol is empty"


def records(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The cells of every line with its number, the header being line 1; empty lines are left out."""
    for number, line in enumerate(lines, start=1):
        # One by one: an open quotation mark must not swallow the lines that follow.
        for cells in csv.reader([line]):
            if cells:
                yield number, cells


def _cells(tick: Tick) -> tuple[object, ...]:
    return (
        tick.ticked_at.astimezone(UTC).isoformat(timespec="microseconds"),
        *(tick.feed, tick.symbol, tick.kind, tick.price, tick.size, tick.bid, tick.bid_size, tick.ask, tick.ask_size),
        tick.exchange,
        msgspec.json.encode(tick.conditions).decode() if tick.conditions else "",
        tick.tick_id,
    )


def _is_line(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return all(ord(letter) >= _SPACE for letter in text) and not any(end in text for end in "\x7f\x85\u2028\u2029")
