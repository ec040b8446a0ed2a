"""What no store keeps, whatever it is made of: texts without end, amounts that are none, moments of no market."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
# A partition is made for every month there is a row of: no more of them than this, whatever a message says.
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)  # a day that a vendor names begins in another time zone
_LONGEST_BYTES = 2000  # of a text: far above any name
_INTEGER = 2**63


def fault(message: msgspec.Struct) -> str | None:
    """Why ``message`` can never be kept, naming the field; None if it can."""
    for name in message.__struct_fields__:
        why = _fault(getattr(message, name))
        if why is not None:
            return f"{name} {why}"
    return None


def month_fault(name: str, moment: datetime) -> str | None:
    """Why no month's partition is made for ``moment``, which has a time zone; None if one is."""
    if _OLDEST <= moment <= datetime.now(UTC) + _AHEAD:
        return None
    return f"{name} is {moment.isoformat()}, before 1990 or more than two days ahead"


def id_fault(name: str, text: str) -> str | None:
    """Why ``text`` is no id of ours; None if it is."""
    try:
        UUID(text)
    except ValueError:
        return f"{name} is no UUID"
    return None


def _fault(value: object) -> str | None:
    match value:
        case float():
            return None if math.isfinite(value) else f"is {value}"
        case str():
            return _text_fault(value)
        case int():
            return None if -_INTEGER <= value < _INTEGER else "has more than 64 bits"
        case datetime():
            return _time_fault(value)
        case tuple():
            return next((why for one in value if (why := _fault(one)) is not None), None)
        case _:
            return None


def _text_fault(text: str) -> str | None:
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        return f"is no Unicode: {text[:40]!r}"
    if length > _LONGEST_BYTES:
        return f"has {length} bytes, more than {_LONGEST_BYTES}: {text[:40]!r}…"
    return f"has a NUL in it: {text[:40]!r}" if "\0" in text else None


def _time_fault(moment: datetime) -> str | None:
    if moment.tzinfo is None:
        return f"is {moment.isoformat()}, without a time zone"
    return None if _EARLIEST <= moment < _LATEST else f"is {moment.isoformat()}, which is no time of a market"
