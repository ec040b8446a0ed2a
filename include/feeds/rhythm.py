"""Whom to ask in a round: the stalest first, nobody who cannot have news, and no more than the budget bears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from include.feeds.hours import Hours, allowance, month_end

# Free quotes are up to half an hour late, so the last of a session come after its close.
_LATENESS = timedelta(minutes=30)
# An unknown ticker outside of sessions: its budget would be spent on hearing that again.
_FAILED_AGAIN = timedelta(hours=3)


class Watched(msgspec.Struct, frozen=True):
    """A symbol, when it was last answered with a price, and when it last failed since then; None is never."""

    symbol: str
    answered_at: datetime | None = None
    failed_at: datetime | None = None

    @property
    def asked_at(self) -> datetime | None:
        """When it was last asked for, whatever came."""
        return max(filter(None, (self.answered_at, self.failed_at)), default=None)

    def is_stale(self, latest: datetime, at: datetime) -> bool:
        """Whether there may be news since ``latest``, and no failure says that it is too soon to look again."""
        if self.answered_at is not None and self.answered_at >= latest:
            return False
        return self.failed_at is None or self.failed_at < latest or at - self.failed_at > _FAILED_AGAIN


class Round(msgspec.Struct, frozen=True):
    """``due`` are to be asked, in this order; ``fresh`` can have no news; for ``over_budget`` the month must wait."""

    due: tuple[str, ...]
    fresh: tuple[str, ...] = ()
    over_budget: tuple[str, ...] = ()


def stalest_first(watched: Sequence[Watched]) -> list[Watched]:
    """Never asked first, then the longest ago; as listed where that is equal. What fails waits its turn too."""
    return sorted(watched, key=lambda w: (w.asked_at is not None, w.asked_at.timestamp() if w.asked_at else 0))


def all_due(watched: Sequence[Watched]) -> Round:
    """A round of a feed that asks for everything, always."""
    return Round(tuple(w.symbol for w in stalest_first(watched)))


def within_sessions(
    watched: Sequence[Watched], hours: Hours, at: datetime, interval: timedelta, left: int, batch: int
) -> Round:
    """A round that keeps to an exchange's sessions and spreads ``left`` requests over the rest of the month.

    ``interval`` is the time between rounds, ``batch`` how many symbols one request may name.
    """
    latest = min(at, hours.last_open(at) + _LATENESS)
    ordered = stalest_first(watched)
    stale = [w.symbol for w in ordered if w.is_stale(latest, at)]
    fresh = tuple(w.symbol for w in ordered if w.symbol not in set(stale))
    rounds_left = 1 + hours.open_time(at, month_end(at)) / interval
    bearable = allowance(left, rounds_left, -(-len(stale) // batch)) * batch
    return Round(tuple(stale[:bearable]), fresh, tuple(stale[bearable:]))


def spread_interval(symbols: int, allowed: int, window_s: float) -> float:
    """Seconds between rounds of ``symbols`` requests so that ``allowed`` per ``window_s`` last, or ``window_s``."""
    return window_s * min(1.0, symbols / allowed)
