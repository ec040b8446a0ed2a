"""When a vendor says no: by a status, or by a 200 that holds no data.

What a refusal says is for people and only shown. How long to stay away is taken from the smallest unit
of time that it mentions, because a burst limit is mentioned beside the daily one that it is not about;
for a unit that is over soon nothing is suggested, and the pause is learned (``Quota.pause``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import msgspec

from include.errors import ConfigurationError, Permanent, StocksError, Transient
from include.feeds.reading import printable

DAY_S = 86_400.0
_LONGEST_WAIT_S = DAY_S
# A day's limit may renew at any hour, by the vendor's clock: look again every hour.
_WAIT_BY_UNIT = (("second", None), ("minute", None), ("hour", 900.0), ("day", 3600.0), ("month", DAY_S))
_SPOKEN = ("message", "error", "Information", "Note", "Error Message", "msg", "detail", "status", "code")
_SAYS_NOTHING = ("OK", "DELAYED")
_SHOWN = 200


class PlanRefusal(Permanent):
    """The plan does not include what was asked: several symbols at once, or this kind of data."""


def refused(vendor: str, said: str) -> Transient:
    """A refusal of everybody: the source is to be paused, for as long as its wording suggests, if it does."""
    return Transient(
        f"{vendor} refuses: {said[:_SHOWN] or 'an answer without data'}",
        retry_after_s=_suggested_wait(said),
        source=vendor,
    )


def failure(vendor: str, status: int, headers: Mapping[str, str], said: str, key_variable: str) -> StocksError:
    """The failure that a status other than 200 means; ``said`` is the answer's own text, already masked."""
    shown = f"{vendor} answered {status}: {said[:_SHOWN] or _phrase(status)}"
    match status:
        case 401:
            return ConfigurationError(f"{key_variable} is refused. {shown}")
        case 402:
            return Transient(f"{shown} (the plan's quota is used up)", retry_after_s=DAY_S, source=vendor)
        case 400 | 403:
            return PlanRefusal(shown)
        case 408:
            return Transient(shown)
        case 429:
            return Transient(shown, retry_after_s=_retry_after(headers) or _suggested_wait(said), source=vendor)
        case 503 if _retry_after(headers) is not None:
            return Transient(shown, retry_after_s=_retry_after(headers), source=vendor)
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Transient(shown, retry_after_s=_retry_after(headers))
        case _:
            return Permanent(shown)


def spoken(content: bytes) -> str:
    """What an answer says in words, wherever vendors put them; '' if it says nothing readable.

    Fit for a log, a terminal and a database: on one line, without control characters.
    """
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return printable(content[:_SHOWN].decode("utf-8", "replace"))
    return printable(" ".join(dict.fromkeys(_words(found))))


def _words(found: Any) -> list[str]:
    if not isinstance(found, dict):
        return []
    said = [found.get(name) for name in _SPOKEN]
    # Some nest the words: {"error": {"message": ...}}.
    nested = [word for inner in said if isinstance(inner, dict) for word in map(inner.get, _SPOKEN)]
    return [word for word in (*said, *nested) if isinstance(word, str) and word not in _SAYS_NOTHING]


def _suggested_wait(said: str) -> float | None:
    lowered = said.lower()
    return next((wait_s for unit, wait_s in _WAIT_BY_UNIT if re.search(rf"\b{unit}", lowered)), None)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        # Zero says nothing about when: the pause is learned then.
        return min(float(value), _LONGEST_WAIT_S) or None
    try:
        at = parsedate_to_datetime(value)
        wait_s = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(wait_s.total_seconds(), 0.0), _LONGEST_WAIT_S) or None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"
