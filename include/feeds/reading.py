"""Reading what a vendor wrote: strict about numbers, tolerant of what it adds, never a crash."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

import msgspec

from include.errors import Permanent, Transient

T = TypeVar("T")

_UNSAID = ("", "-", ".", "none", "null", "n/a", "na")

_LARGEST_COUNT = 2**63  # of PostgreSQL
_CLOCK_TOLERANCE = timedelta(days=1)
# Seconds where milliseconds were agreed would be a day in January 1970.
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def parse(vendor: str, content: bytes, kind: type[T]) -> T:
    """``content`` as ``kind``. Raises Transient if it is no JSON (cut off, a proxy's page) or of another shape."""
    try:
        return msgspec.json.decode(content, type=cast(Any, kind))  # type: ignore[no-any-return]
    except msgspec.ValidationError as error:
        raise Transient(f"{vendor}'s answer has another shape than agreed: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Transient(f"{vendor}'s answer is no JSON ({len(content)} bytes): {error}") from None


def convert(raw: msgspec.Raw, kind: type[T]) -> T:
    """One element of an answer as ``kind``. Raises Permanent naming the field that is missing or wrong."""
    try:
        return msgspec.json.decode(raw, type=cast(Any, kind))  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Permanent(str(error)) from None


def positive(name: str, value: float | str | None) -> float:
    """A price as a float above zero. Raises Permanent naming the field; a missing price is never zero."""
    number = _finite(name, value)
    if number is None:
        raise Permanent(f"{name} is missing")
    if number <= 0:
        raise Permanent(f"{name} is {number:g}, which is no price")
    return number


def amount(name: str, value: float | str | None) -> float | None:
    """A number of 0 or more, or None where the vendor did not say. Raises Permanent naming the field."""
    number = _finite(name, value)
    if number is not None and number < 0:
        raise Permanent(f"{name} is {number:g}, which is below nothing")
    return number


def _finite(name: str, value: float | str | None) -> float | None:
    if value is None or (isinstance(value, str) and value.strip().lower() in _UNSAID):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise Permanent(f"{name} is {str(value)[:40]!r}, which is no number") from None
    if not math.isfinite(number):
        raise Permanent(f"{name} is {number}, which is no number")
    return number


def number(name: str, value: float | None) -> int | None:
    """A count, or None where the vendor did not say. Raises Permanent naming the field."""
    found = _finite(name, value)
    if found is not None and not 0 <= found < _LARGEST_COUNT:
        raise Permanent(f"{name} is {found:g}, which is no number of things")
    return None if found is None else int(found)


def moment(name: str, value: float | str | None, told_at: datetime, *, unit_s: float = 1) -> datetime:
    """An aware UTC time from an ISO text or an epoch count of ``unit_s`` seconds.

    Raises Permanent naming the field, also for a time that lies well after ``told_at``.
    """
    if value is None or value == "":
        raise Permanent(f"{name} is missing")
    try:
        iso = isinstance(value, str)
        found = datetime.fromisoformat(str(value)) if iso else datetime.fromtimestamp(float(value) * unit_s, UTC)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Permanent(f"{name} is {str(value)[:40]!r}, which is no time") from None
    if not _EARLIEST < found < told_at + _CLOCK_TOLERANCE:
        raise Permanent(f"{name} is {found.isoformat()}, which is no time of a price")
    return found


def printable(text: str) -> str:
    """``text`` on one line, without characters that a terminal would obey or PostgreSQL would refuse (NUL)."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def name(said: str | None) -> str | None:
    """A name as it can be kept and shown; None where nothing is left of it."""
    return printable(said or "") or None


def same(name: str, said: str | None, asked: str) -> None:
    """Raises Permanent if the answer is about another symbol than the one asked for."""
    if said and said.upper() != asked.upper():
        raise Permanent(f"{name} is {said[:40]!r}: the answer is about another symbol")
