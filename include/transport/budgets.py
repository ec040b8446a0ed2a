"""What every source may still be asked, read at once and drawing nothing: for whoever only wants to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from include.transport.limits import Limit, Usage, WindowState, window_state

_WINDOWS = (
    "SELECT source, key_hash, window_s, allowed, newest_slot, used FROM quotas ORDER BY source, key_hash, window_s"
)
_PAUSES = """
SELECT source, key_hash, extract(epoch FROM paused_until - clock_timestamp())::double precision
FROM source_pauses WHERE paused_until > clock_timestamp() AND isfinite(paused_until)
"""
_NOW = "SELECT extract(epoch FROM clock_timestamp())::double precision"

_Account = tuple[str, str]


class Plan(msgspec.Struct, frozen=True):
    """What a source allows under one key; ``fingerprint`` is the key's (``quota.fingerprint``)."""

    source: str
    limits: tuple[Limit, ...]
    fingerprint: str = ""


class Budget(msgspec.Struct, frozen=True):
    """What is left of a source under one key; ``paused_s`` seconds nobody may ask it, 0 when it is not paused."""

    source: str
    windows: tuple[WindowState, ...]
    paused_s: float = 0.0


def budgets(connection: Any, plans: Sequence[Plan]) -> list[Budget]:
    """The budget of every plan, then those of sources that have none and were asked under some key.

    A plan says which windows there are; without one, those count that were drawn on. Which key it is stays unsaid.
    """
    used, allowed, now = _windows(connection)
    pauses = _pauses(connection)
    found = [
        Budget(
            plan.source,
            tuple(
                window_state(limit, used.get((plan.source, plan.fingerprint), {}).get(limit.window_s, Usage(0)), now)
                for limit in plan.limits
            ),
            pauses.get((plan.source, plan.fingerprint), 0.0),
        )
        for plan in plans
    ]
    planned = {plan.source for plan in plans}
    for account in sorted({*used, *pauses}):
        if account[0] not in planned:
            limits = allowed.get(account, [])
            states = tuple(window_state(limit, used[account][limit.window_s], now) for limit in limits)
            found.append(Budget(account[0], states, pauses.get(account, 0.0)))
    return found


def _windows(connection: Any) -> tuple[dict[_Account, dict[float, Usage]], dict[_Account, list[Limit]], float]:
    """-> usage by account and window, the limits it was drawn under, the database's clock."""
    used: dict[_Account, dict[float, Usage]] = {}
    allowed: dict[_Account, list[Limit]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_WINDOWS)
        for source, key_hash, window_s, limit, newest, counts in cursor.fetchall():
            if limit > 0:  # a row that was only made, and never drawn on, knows no limit
                used.setdefault((source, key_hash), {})[window_s] = Usage(newest, tuple(counts))
                allowed.setdefault((source, key_hash), []).append(Limit(limit, window_s))
        cursor.execute(_NOW)
        (now,) = cursor.fetchone()
    return used, allowed, now


def _pauses(connection: Any) -> dict[_Account, float]:
    with connection.cursor() as cursor:
        cursor.execute(_PAUSES)
        return {(source, key_hash): seconds for source, key_hash, seconds in cursor.fetchall()}
