"""PostgreSQL's binary COPY: values as the server keeps them, a third of the work that text is for both sides.

A row of a time table begins with its moment, symbol and id, so the bytes of rows sort as their keys do.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from psycopg2.extensions import cursor as Cursor

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
# PostgreSQL counts a moment in microseconds since 2000.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_TEXT_TYPE = 25  # pg_type.oid of text

MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
NULL = b"\xff\xff\xff\xff"
_length = struct.Struct("!i").pack
_array_head = struct.Struct("!iiIii").pack


class Unkeepable(ValueError):
    """A value that PostgreSQL has no place for; says why."""


def microseconds(moment: datetime) -> int:
    """``moment`` as PostgreSQL counts. Raises Unkeepable without a time zone."""
    try:
        return (moment - EPOCH) // MICROSECOND
    except TypeError:
        raise Unkeepable(f"{moment.isoformat()} has no time zone") from None


def moment_of(microseconds_since_2000: int) -> datetime:
    """The moment that such a number means."""
    return EPOCH + timedelta(microseconds=microseconds_since_2000)


def text(value: str | None, most_bytes: int) -> bytes:
    """A text as a field. Raises Unkeepable for one that is longer, has a NUL, or is no Unicode."""
    if value is None:
        return NULL
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise Unkeepable(f"a text is no Unicode: {value[:40]!r}") from None
    if b"\0" in data:
        raise Unkeepable(f"a text has a NUL in it, which PostgreSQL does not keep: {value[:40]!r}")
    if len(data) > most_bytes:
        raise Unkeepable(f"a text of {len(data)} bytes is longer than {most_bytes}: {value[:40]!r}…")
    return _length(len(data)) + data


def texts(values: tuple[str, ...], most_bytes: int) -> bytes:
    """An array of texts as a field; an empty one is null. Raises Unkeepable as ``text`` does."""
    if not values:
        return NULL
    body = _array_head(1, 0, _TEXT_TYPE, len(values), 1) + b"".join(text(value, most_bytes) for value in values)
    return _length(len(body)) + body


def framed(rows: Iterable[bytes]) -> Iterator[bytes]:
    """``rows`` as a whole binary file."""
    yield _HEAD
    yield from rows
    yield _END


def copy(cursor: Cursor, target: str, rows: Iterable[bytes]) -> None:
    """COPY ``rows`` into ``target`` (``table (column, …)``, our own text)."""
    data = b"".join(framed(rows))
    # In one piece: between pieces this thread would wait for its turn among the others of the process.
    cursor.copy_expert(f"COPY {target} FROM STDIN (FORMAT binary)", io.BytesIO(data), size=len(data))
