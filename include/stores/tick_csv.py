"""Ticks as lines of CSV, and back: one line per tick, a header line, nothing that breaks a line.

Numbers are written so that reading them gives the same number; conditions are a JSON list in their cell; what a
tick does not have is an empty cell. A spreadsheet shows ``tick_id`` rounded: import that column as text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC

import msgspec

from include.contracts.prices import Tick
from include.errors import Permanent
from include.stores.keepable import fault

COLUMNS = (
    *("ticked_at", "feed", "symbol", "kind", "price", "size", "bid", "bid_size", "ask", "ask_size"),
    *("exchange", "conditions", "tick_id"),
)
HEADER = ",".join(COLUMNS).encode() + b"\n"

_SHOWN = 40
_SPACE = 0x20  # what is below breaks lines, or is not text
_BREAKS = "\x7f\x85\u2028\u2029"
_conditions = msgspec.json.Decoder(tuple[str, ...])


def encode(ticks: Iterable[Tick]) -> bytes:
    """The lines of ``ticks``, without a header."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(map(_cells, ticks))
    return text.getvalue().encode()


def decode(line: str) -> Tick:
    """The tick of one line. Raises Permanent naming what is wrong with it."""
    try:
        # A line by itself: an open quotation mark must not swallow those that follow.
        cells = next(csv.reader([line]), [])
    except csv.Error as error:
        raise Permanent(f"it is no line of CSV: {error}") from error
    if len(cells) != len(COLUMNS):
        raise Permanent(f"it has {len(cells)} cells instead of {len(COLUMNS)}")
    given: dict[str, object] = {name: cell for name, cell in zip(COLUMNS, cells, strict=True) if cell}
    try:
        if "conditions" in given:
            given["conditions"] = _conditions.decode(cells[COLUMNS.index("conditions")])
        tick = msgspec.convert(given | {"schema_version": 1}, Tick, strict=False)
    except (msgspec.DecodeError, UnicodeError) as error:  # ValidationError is one
        raise Permanent(f"it is no tick: {error}") from error
    if (why := unfit(tick)) is not None:
        raise Permanent(f"it is no tick: {why}")
    return tick


def unfit(tick: Tick) -> str | None:
    """Why ``tick`` cannot be a line that gives the same tick when it is read, or None."""
    for name, text in (("feed", tick.feed), ("symbol", tick.symbol), ("exchange", tick.exchange)):
        if text is not None and not (text and _is_line(text)):
            return f"{name} is {text[:_SHOWN]!r}, which is no text of one line"
    return fault(tick)


def _cells(tick: Tick) -> tuple[object, ...]:
    return (
        tick.ticked_at.astimezone(UTC).isoformat(timespec="microseconds"),
        *(tick.feed, tick.symbol, tick.kind, tick.price, tick.size, tick.bid, tick.bid_size, tick.ask, tick.ask_size),
        tick.exchange,
        msgspec.json.encode(tick.conditions).decode() if tick.conditions else "",
        tick.tick_id,
    )


def _is_line(text: str) -> bool:
    return text.isprintable() or all(ord(letter) >= _SPACE and letter not in _BREAKS for letter in text)
