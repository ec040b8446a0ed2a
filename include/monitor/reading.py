"""One reading of everything about the feeds: plain facts, frozen, the same for every place that shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from include.contracts.prices import PriceMovement
from include.stores.feed_book import Gap
from include.transport.budgets import Budget
from include.transport.lag import Lag

Standing = Literal["fine", "closed", "stale", "lost", "failed", "stopped", "never ran", "not configured"]

# What a person should look at.
TROUBLES: frozenset[Standing] = frozenset({"stale", "lost", "failed", "stopped", "never ran"})


class Market(msgspec.Struct, frozen=True):
    """An exchange (ISO 10383) at the moment of the reading.

    ``changes_at`` is when it closes, or opens next; ``sessions`` are the pairs of open and close of the last day.
    """

    calendar: str
    is_open: bool
    changes_at: datetime | None = None
    sessions: tuple[tuple[datetime, datetime], ...] = ()


class SymbolReading(msgspec.Struct, frozen=True):
    """When a symbol was last answered, and why the last question about it failed; None since it was answered."""

    symbol: str
    answered_at: datetime | None
    failed_at: datetime | None
    failure: str | None


class FeedReading(msgspec.Struct, frozen=True, kw_only=True):
    """One feed of the catalogue.

    ``standing`` is our judgement and ``why`` its reason; ``state`` and ``detail`` are what the feed wrote itself.
    ``last_message_at`` is the vendor's time of the newest message, ``heard_at`` when something was last had of the
    vendor; ``patience_s`` how many seconds of an open market may pass without it. ``sent``, ``failed`` and the
    cache's counts are since ``started_at``: of a feed that is asked, its first round of the day (UTC).
    ``trades_per_minute`` are the last hour's, oldest first, of a stream.
    """

    name: str
    title: str
    topic: str
    polls: bool
    standing: Standing
    why: str | None = None
    lacks: str | None = None
    state: str | None = None
    detail: str | None = None
    started_at: datetime | None = None
    updated_at: datetime | None = None
    last_message_at: datetime | None = None
    heard_at: datetime | None = None
    patience_s: float | None = None
    market: Market | None = None
    sent: int = 0
    failed: int = 0
    success_rate: float | None = None
    cache_hits: int = 0
    cache_misses: int = 0
    cache_hit_rate: float | None = None
    symbols: tuple[SymbolReading, ...] = ()
    gaps: dict[str, int] = {}
    trades_per_minute: tuple[int, ...] = ()

    @property
    def failing(self) -> tuple[SymbolReading, ...]:
        """The symbols of which the last question failed."""
        return tuple(symbol for symbol in self.symbols if symbol.failure is not None)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about the feeds at ``read_at``; gaps and movements are the latest, newest first.

    ``routes`` says how far each sink is behind its topic, or ``routes_unknown`` why that cannot be told.
    """

    read_at: datetime
    feeds: tuple[FeedReading, ...]
    quotas: tuple[Budget, ...] = ()
    gaps: tuple[Gap, ...] = ()
    movements: tuple[PriceMovement, ...] = ()
    routes: tuple[Lag, ...] = ()
    routes_unknown: str | None = None

    @property
    def troubled(self) -> tuple[FeedReading, ...]:
        """The feeds that a person should look at."""
        return tuple(feed for feed in self.feeds if feed.standing in TROUBLES)
