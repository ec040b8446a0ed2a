"""What a feed counts, as Prometheus reads it, as the database keeps it, and as its last line says it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from include.stores.feed_book import FeedReport, FeedState


class FeedCounts:
    """Thread-safe counts of one feed process, since it started."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._lock = threading.Lock()
        self._started_at = datetime.now(UTC)
        self._registry = CollectorRegistry()
        self._sent = self._counter("stocks_feed_sent", "Messages that the broker acknowledged")
        self._failed = self._counter("stocks_feed_failed", "Symbols, or messages, that could not be had")
        self._hits = self._counter("stocks_feed_cache_hits", "Look-ups that the cache answered")
        self._misses = self._counter("stocks_feed_cache_misses", "Look-ups that the vendor had to answer")
        self._refusals = self._counter("stocks_feed_refusals", "Times that the vendor refused everybody")
        self._lost = self._counter("stocks_feed_connections_lost", "Times that a stream was lost")
        self._corrections = self._counter("stocks_feed_corrections", "Trades that the vendor took back afterwards")
        self._backed_up = self._counter("stocks_feed_backed_up", "Ticks that were written into the backup")
        self._not_backed_up = self._counter("stocks_feed_not_backed_up", "Ticks that are missing in the backup")
        self._gauge("stocks_feed_success_rate", "Share of what was tried that was sent", lambda: self.success_rate)
        self._gauge("stocks_feed_cache_hit_rate", "Share of look-ups that the cache answered", lambda: self.hit_rate)
        self._gauge("stocks_feed_last_message_timestamp_seconds", "Time of the newest message", self._last_seconds)
        self.sent = self.failed = self.cache_hits = self.cache_misses = 0
        self.last_message_at: datetime | None = None
        self._earlier: FeedReport | None = None

    @property
    def success_rate(self) -> float:
        """Sent as a share of sent and failed, 0 to 1; 1 before the first."""
        tried = self.sent + self.failed
        return self.sent / tried if tried else 1.0

    @property
    def hit_rate(self) -> float:
        """Look-ups that the cache answered, 0 to 1; 0 before the first."""
        asked = self.cache_hits + self.cache_misses
        return self.cache_hits / asked if asked else 0.0

    def count_sent(self, number: int, newest: datetime | None) -> None:
        """So many messages are acknowledged, the newest of them of that moment."""
        with self._lock:
            self.sent += number
            if newest is not None and (self.last_message_at is None or newest > self.last_message_at):
                self.last_message_at = newest
        self._sent.inc(number)

    def count_failed(self, number: int = 1) -> None:
        """So many symbols or messages could not be had."""
        with self._lock:
            self.failed += number
        self._failed.inc(number)

    def count_look_up(self, *, hit: bool) -> None:
        """A look-up in the cache."""
        with self._lock:
            self.cache_hits += hit
            self.cache_misses += not hit
        (self._hits if hit else self._misses).inc()

    def count_refusal(self) -> None:
        """The vendor refused everybody."""
        self._refusals.inc()

    def count_lost(self) -> None:
        """A stream was lost."""
        self._lost.inc()

    def count_corrections(self, number: int) -> None:
        """So many trades were taken back by the vendor."""
        self._corrections.inc(number)

    def count_backed_up(self, number: int) -> None:
        """So many ticks were written into the backup."""
        self._backed_up.inc(number)

    def count_not_backed_up(self, number: int) -> None:
        """So many ticks are missing in the backup."""
        self._not_backed_up.inc(number)

    def count_on(self, earlier: FeedReport | None) -> None:
        """Report what an earlier process of this day (UTC) counted too: every round of Airflow's is a process."""
        same_day = earlier is not None and earlier.started_at.astimezone(UTC).date() == self._started_at.date()
        self._earlier = earlier if same_day else None

    def report(self, state: FeedState, detail: str | None = None) -> FeedReport:
        """All of it as the database keeps it."""
        before = self._earlier or FeedReport(feed=self._feed, state=state, started_at=self._started_at)
        with self._lock:
            return FeedReport(
                feed=self._feed,
                state=state,
                detail=detail,
                started_at=before.started_at,
                last_message_at=self.last_message_at,
                sent=before.sent + self.sent,
                failed=before.failed + self.failed,
                cache_hits=before.cache_hits + self.cache_hits,
                cache_misses=before.cache_misses + self.cache_misses,
            )

    def exposition(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, description: str) -> Counter:
        return Counter(name, description, ("feed",), registry=self._registry).labels(self._feed)

    def _gauge(self, name: str, description: str, value: Callable[[], float]) -> None:
        Gauge(name, description, ("feed",), registry=self._registry).labels(self._feed).set_function(value)

    def _last_seconds(self) -> float:
        return self.last_message_at.timestamp() if self.last_message_at else 0.0
