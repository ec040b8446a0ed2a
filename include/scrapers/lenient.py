"""Reading what a source says against its own form: numbers as text or as objects, NaN, lists with nothing in them.

One odd value must cost that value alone, not the 250 quotes or the 180 series it came with. The strict
decoders come first, because they are fast; this is for what they refuse.
"""

from __future__ import annotations

import json
import math

import msgspec


def parsed(body: bytes) -> object:
    """The JSON of ``body``, in which NaN and infinities are null. Raises msgspec.DecodeError for what is no JSON."""
    try:
        return json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise msgspec.DecodeError(f"JSON is malformed: {error}") from None


def number(value: object) -> float | None:
    """A finite number, from ``12``, ``"12"`` or ``{"raw": 12}``; None for all else, truth values too."""
    if isinstance(value, dict):
        return number(value.get("raw"))
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def text(value: object) -> str | None:
    """A text that says something, None for all else."""
    return value if isinstance(value, str) and value.strip() else None
