"""Whom to ask in a round: the stalest first, nobody who cannot have news, and no more than the budget bears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from include.feeds.hours import Hours

# Free quotes are up to half an hour late, so the last of a session come after its close.
_LATENESS = timedelta(minutes=30)
# An unknown ticker outside of sessions: its budget would be spent on hearing that again.
_FAILED_AGAIN = timedelta(hours=3)

# The rest is for what comes after the close, for repetitions, and for months with more sessions than the one ahead.
_SPREAD = 0.8


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


class Budget(msgspec.Struct, frozen=True):
    """At most ``allowed`` requests in any stretch of ``window``, of which ``left`` may go now."""

    allowed: int
    left: int
    window: timedelta

    def share(self, hours: Hours, at: datetime, interval: timedelta) -> int:
        """How many requests a round at ``at`` may make if those of the whole window ahead make as many.

        A window that slides gives back what it took: whatever is left now, ``allowed`` requests are to be had within
        the window ahead. Rounds that bear a part of a request make one in so many.
        """
        rounds = 1 + hours.open_time(at, at + self.window) / interval
        number = at.timestamp() // interval.total_seconds()
        each = _SPREAD * self.allowed / rounds
        return min(self.left, int(each * (number + 1)) - int(each * number))


def stalest_first(watched: Sequence[Watched]) -> list[Watched]:
    """Never asked first, then the longest ago; as listed where that is equal. What fails waits its turn too."""
    return sorted(watched, key=lambda w: (w.asked_at is not None, w.asked_at.timestamp() if w.asked_at else 0))


def all_due(watched: Sequence[Watched]) -> Round:
    """A round of a feed that asks for everything, always."""
    return Round(tuple(w.symbol for w in stalest_first(watched)))


def within_sessions(
    watched: Sequence[Watched], hours: Hours, at: datetime, interval: timedelta, budget: Budget | None, batch: int
) -> Round:
    """A round that keeps to an exchange's sessions and spreads ``budget`` over those of its window; None is endless.

    ``interval`` is the time between rounds, ``batch`` how many symbols one request may name. Symbols that were never
    asked for are not spread: the first round is at once, and for all.
    """
    latest = min(at, hours.last_open(at) + _LATENESS)
    ordered = stalest_first(watched)
    stale = [w.symbol for w in ordered if w.is_stale(latest, at)]
    fresh = tuple(w.symbol for w in ordered if w.symbol not in set(stale))
    if budget is None:
        return Round(tuple(stale), fresh)
    new = sum(w.asked_at is None for w in watched)
    bearable = min(budget.left, max(budget.share(hours, at, interval), -(-new // batch))) * batch
    return Round(tuple(stale[:bearable]), fresh, tuple(stale[bearable:]))


def spread_interval(symbols: int, allowed: int, window_s: float) -> float:
    """Seconds between rounds of ``symbols`` requests so that ``allowed`` per ``window_s`` last, or ``window_s``."""
    return window_s * min(1.0, symbols / allowed)
