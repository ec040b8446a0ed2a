"""A source's limits and how much of them is used: pure, and never more than allowed in any window.

A window slides. It is kept as counts of ``SLOTS`` equal slots; what was granted counts for a slot
longer at each end, so that a grant may be used up to one slot after it was given, and still no
stretch of ``window_s`` seconds, wherever it begins, sees more than ``allowed`` requests. So it does not
matter when a vendor's own day or month begins (midnight in New York, the day of a subscription), nor
whether its windows slide: they never see more. All moments are by PostgreSQL's clock; a month is 31 days.
"""

from __future__ import annotations

import math
import re

import msgspec

from include.errors import ConfigurationError

SLOTS = 20
_LONGEST_TRANSIT_S = 1.0
_UNITS_S = {"s": 1.0, "sec": 1.0, "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0}
_UNITS_S |= {"d": 86400.0, "day": 86400.0, "month": 31 * 86400.0}
_LIMIT = re.compile(r"(\d{1,9})\s*/\s*([a-z]+)")


class Limit(msgspec.Struct, frozen=True):
    """At most ``allowed`` requests in any ``window_s`` seconds, as seen by whom they reach up to ``transit_s`` late."""

    allowed: int
    window_s: float
    transit_s: float = 0.0

    @property
    def slot_s(self) -> float:
        """How long one slot is, and how long a grant stays good."""
        return self.window_s / SLOTS

    @property
    def counted_s(self) -> float:
        """For how long a grant counts: the window, a slot at each end, and the time to arrive."""
        return self.kept * self.slot_s

    @property
    def kept(self) -> int:
        """How many slots that is."""
        return SLOTS + 2 + math.ceil(self.transit_s / self.slot_s)


class Usage(msgspec.Struct, frozen=True):
    """What was granted: ``counts`` of consecutive slots, newest first, the first of them number ``newest``."""

    newest: int
    counts: tuple[int, ...] = ()


class WindowState(msgspec.Struct, frozen=True):
    """What is left of one window.

    In ``wait_s`` seconds at least one request may go again, in ``renewed_s`` all of them, if none goes meanwhile.
    """

    window_s: float
    allowed: int
    left: int
    wait_s: float
    renewed_s: float = 0.0


def parse_limits(text: str | None) -> tuple[Limit, ...]:
    """``"5/min 25/day"`` -> limits; empty or None -> no limit. Raises ConfigurationError."""
    limits = []
    for word in (text or "").lower().replace(",", " ").split():
        match = _LIMIT.fullmatch(word)
        if match is None or match[2] not in _UNITS_S or not int(match[1]):
            raise ConfigurationError(
                f"{word!r} is no limit. It expects: a number per s, min, h, day or month, such as 5/min 25/day"
            )
        limits.append(Limit(int(match[1]), _UNITS_S[match[2]]))
    return tuple(limits)


def vendor_limits(text: str | None) -> tuple[Limit, ...]:
    """``parse_limits`` for a vendor far away: two requests, a second apart when they leave, may arrive together.

    The first needs a connection and the second has one, for instance. Longer windows' slots are longer than that.
    """
    return tuple(msgspec.structs.replace(limit, transit_s=_transit_s(limit)) for limit in parse_limits(text))


def _transit_s(limit: Limit) -> float:
    return _LONGEST_TRANSIT_S if limit.slot_s < _LONGEST_TRANSIT_S else 0.0


def left(limit: Limit, usage: Usage, now: float) -> int:
    """How many requests may be granted at ``now`` (seconds since the epoch)."""
    return max(0, limit.allowed - sum(_current(limit, usage, now).counts))


def spend(limit: Limit, usage: Usage, now: float, granted: int) -> Usage:
    """The usage after ``granted`` more requests at ``now``."""
    current = _current(limit, usage, now)
    return Usage(current.newest, (current.counts[0] + granted, *current.counts[1:]))


def wait_s(limit: Limit, usage: Usage, now: float) -> float:
    """Seconds until at least one request may be granted; 0 when one may be now."""
    current = _current(limit, usage, now)
    used = sum(current.counts)
    if used < limit.allowed:
        return 0.0
    for age in range(limit.kept - 1, -1, -1):
        used -= current.counts[age]
        if used < limit.allowed:
            return max(0.0, (current.newest - age + limit.kept) * limit.slot_s - now)
    return limit.window_s  # nothing is ever allowed: `parse_limits` refuses such a limit


def renewed_s(limit: Limit, usage: Usage, now: float) -> float:
    """Seconds until the whole window is left again, if nobody asks meanwhile; 0 when it is now."""
    current = _current(limit, usage, now)
    newest_used = next((age for age, count in enumerate(current.counts) if count), None)
    return 0.0 if newest_used is None else max(0.0, (current.newest - newest_used + limit.kept) * limit.slot_s - now)


def window_state(limit: Limit, usage: Usage, now: float) -> WindowState:
    """The window at ``now``, seconds since the epoch by the database's clock."""
    return WindowState(
        limit.window_s,
        limit.allowed,
        left(limit, usage, now),
        wait_s(limit, usage, now),
        renewed_s(limit, usage, now),
    )


def _current(limit: Limit, usage: Usage, now: float) -> Usage:
    """``usage`` seen from ``now``: slots that are too old are gone. A clock that steps back changes nothing."""
    slot = max(int(now // limit.slot_s), usage.newest if usage.counts else 0)
    shift = slot - usage.newest if usage.counts else limit.kept
    counts = ((0,) * min(shift, limit.kept) + usage.counts)[: limit.kept]
    return Usage(slot, counts + (0,) * (limit.kept - len(counts)))
