"""Wide rows as PostgreSQL takes them: JSON for one stock's, the bytes of a binary COPY for those of many.

Both are made of whole columns. A number that is missing is NULL in either.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from include.contracts.ratio_batch import RatioBatch
from include.stores.binary_copy import NULL, microseconds, text

KEY = ("symbol", "period_type", "period_end")
BESIDE = ("run_id", "observed_at", "price_at", "statuses", "provenance")
"""The columns before the ratios, in the order of a COPY."""

_AT_ONCE = 256  # rows whose bytes stay in the processor's cache
_NO_LENGTH = 0xFFFFFFFF
_JSONB_VERSION = 1
_FIRST_DAY = date(2000, 1, 1)
_MOST_BYTES = 1000  # far beyond any symbol or run
_encode = msgspec.json.Encoder().encode


class Observation(msgspec.Struct, frozen=True):
    """The run that computed a row, when its statements were fetched, and the time of the price in it, if any."""

    run_id: str | None
    observed_at: datetime
    price_at: datetime | None = None


def as_json(batch: RatioBatch, seen: Sequence[Observation]) -> str:
    """The rows as one JSON array of objects: a member for each of ``KEY + BESIDE``, and ``numbers`` for the ratios."""
    return _encode(
        [
            {
                "symbol": symbol,
                "period_type": period_type,
                "period_end": period_end,
                "run_id": one.run_id,
                "observed_at": one.observed_at,
                "price_at": one.price_at,
                "statuses": msgspec.Raw(statuses),
                "provenance": note,
                "numbers": numbers,  # JSON has no NaN: it is written as null
            }
            for (symbol, period_type, period_end), one, statuses, note, numbers in zip(
                batch.keys, seen, _statuses(batch), batch.notes, batch.values.tolist(), strict=True
            )
        ]
    ).decode()


def as_copy(batch: RatioBatch, seen: Sequence[Observation]) -> Iterator[bytes]:
    """Each row as a tuple of a binary COPY into the columns ``KEY + BESIDE`` and the ratios."""
    for start in range(0, len(batch.keys), _AT_ONCE):
        end = start + _AT_ONCE
        yield from _tuples(batch.part(start, end), seen[start:end])


def _tuples(batch: RatioBatch, seen: Sequence[Observation]) -> Iterator[bytes]:
    count = struct.pack(">h", len(KEY) + len(BESIDE) + len(batch.names))
    rows = zip(batch.keys, seen, _statuses(batch), batch.notes, _floats(batch), strict=True)
    for (symbol, period_type, period_end), one, statuses, note, floats in rows:
        yield b"".join(
            (
                count,
                _text(symbol),
                _text(period_type),
                _day(period_end),
                _observation(one),
                _json(statuses),
                _json(_encode(note)),
                floats,
            )
        )


def _floats(batch: RatioBatch) -> Iterable[memoryview]:
    """Per row its float8 fields: a length of 8 and the number's two words, or the length of a NULL alone."""
    known = np.isfinite(batch.values)
    ends = np.cumsum(np.where(known, 3, 1))
    words = np.full(ends[-1], _NO_LENGTH, ">u4")
    last = ends[known.ravel()] - 1
    words[last - 2] = 8
    words[np.stack([last - 1, last], axis=1)] = batch.values[known].astype(">f8").view(">u4").reshape(-1, 2)
    packed = memoryview(words.tobytes())
    of_rows = (ends[len(batch.names) - 1 :: len(batch.names)] * words.itemsize).tolist()
    return (packed[start:end] for start, end in pairwise([0, *of_rows]))


def _statuses(batch: RatioBatch) -> Iterable[bytes]:
    """Per row the JSON object of its reasons: every ratio that is not OK."""
    rows, columns = np.nonzero(batch.statuses)
    members = _members(batch.names, batch.status_names)
    places = columns * len(batch.status_names) + batch.statuses[rows, columns]
    said = members[places].tolist()
    ends = np.searchsorted(rows, np.arange(1, len(batch.keys) + 1)).tolist()
    return (b"{" + b",".join(said[start:end]) + b"}" for start, end in pairwise([0, *ends]))


@lru_cache(4)
def _members(names: tuple[str, ...], status_names: tuple[str, ...]) -> NDArray[np.object_]:
    """``"current_ratio":"MISSING_INPUT"`` for every ratio and every status."""
    said = [_encode(name) + b":" + _encode(status) for name in names for status in status_names]
    return np.array(said, np.object_)


@lru_cache(256)
def _text(content: str) -> bytes:
    return text(content, _MOST_BYTES)


@lru_cache(256)
def _day(day: date) -> bytes:
    return struct.pack(">ii", 4, (day - _FIRST_DAY).days)


@lru_cache(256)
def _observation(one: Observation) -> bytes:
    run = text(one.run_id, _MOST_BYTES)
    return run + _moment(one.observed_at) + (NULL if one.price_at is None else _moment(one.price_at))


def _json(content: bytes) -> bytes:
    return struct.pack(">ib", 1 + len(content), _JSONB_VERSION) + content


def _moment(moment: datetime) -> bytes:
    return struct.pack(">iq", 8, microseconds(moment))
