"""When a stream was not heard: written down at once, asked for afterwards where the vendor allows it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from include.contracts.corrections import TickCorrection
from include.contracts.prices import Tick
from include.errors import ConfigurationError, Permanent, Transient
from include.feeds import history
from include.feeds.alpaca import Stream
from include.feeds.hours import Hours, traded_since
from include.stores import feed_book
from include.stores.feed_book import FeedReport, Gap, Publishes
from include.stores.postgres import Database
from include.workers.feed_asking import Asking, OutOfQuota

log = logging.getLogger(__name__)

_LONGEST_FILL = timedelta(hours=24)  # of open market: a weekend takes nothing of it
# Ticks of one moment come late or early by this much; those asked for twice are the same rows.
_SLACK = timedelta(seconds=2)

_SPOKEN_FILL = f"{_LONGEST_FILL.total_seconds() / 3600:g} hours"
_UNREADABLE_SHOWN = 3

Entry = Callable[[Any], None]


class Notebook:
    """Entries about a stream, kept in order until the database takes them: its absence stops no ticks."""

    def __init__(self, database: Database, feed: str) -> None:
        self._database = database
        self._feed = feed
        self._entries: deque[Entry] = deque()

    @property
    def behind(self) -> bool:
        """Whether entries wait for the database."""
        return bool(self._entries)

    def lost(self, since: datetime, why: str) -> None:
        """The stream is not heard since then."""
        self._entries.append(lambda connection: feed_book.open_gap(connection, self._feed, since, why))

    def heard_again(self, at: datetime) -> None:
        """Whatever gap was open is over."""
        self._entries.append(lambda connection: feed_book.close_gaps(connection, self._feed, at))

    def publishes(self, since: datetime, which: Publishes) -> None:
        """Which ticks are published from then on: those that change a price, or all."""
        self._entries.append(lambda connection: feed_book.publishes(connection, self._feed, since, which))

    def write(self, report: FeedReport) -> None:
        """Bring the database up to date, if it answers. Called by one thread at a time."""
        try:
            while self._entries:
                with self._database.transaction() as connection:
                    self._entries[0](connection)
                self._entries.popleft()
            with self._database.transaction() as connection:
                feed_book.report(connection, report)
        except Transient as error:
            log.warning("%s; %d entries wait", error, len(self._entries))


class Filling(msgspec.Struct, frozen=True):
    """Asks for what was missed.

    ``publish`` sends ticks and returns when they are acknowledged, with their number; ``correct`` sends what of them
    the vendor took back.
    """

    stream: Stream
    symbols: tuple[str, ...]
    hours: Callable[[datetime], Hours]
    asking: Asking
    database: Database
    publish: Callable[[tuple[Tick, ...]], int]
    correct: Callable[[tuple[TickCorrection, ...]], None]

    def fill(self) -> None:
        """Fill every closed gap; what cannot be had now is tried again at the next call. Raises Stopped."""
        with self.database.transaction() as connection:
            gaps = feed_book.closed_gaps(connection, self.stream.name)
        for gap in gaps:
            try:
                number, since = self._fill(gap)
                detail = f"only the last {_SPOKEN_FILL} of trading were asked for" if since else None
            except (Permanent, ConfigurationError) as refusal:
                number, since, detail = None, None, str(refusal)
            except (Transient, OutOfQuota) as failure:
                log.warning("the gap of %s at %s stays for now: %s", gap.feed, gap.started_at, failure)
                return
            log.info("gap of %s since %s: %s ticks", gap.feed, gap.started_at, number)
            with self.database.transaction() as connection:
                feed_book.end_gap(connection, gap, number, detail, since)

    def _fill(self, gap: Gap) -> tuple[int | None, datetime | None]:
        """How many ticks came, and from when on they were asked for if that is not the gap's start."""
        until = gap.ended_at or gap.started_at
        since = max(gap.started_at, traded_since(self.hours(until), until, _LONGEST_FILL, gap.started_at))
        number = 0
        for page in self._pages(since - _SLACK, until + _SLACK):
            number += self.publish(page.ticks)
            self.correct(page.corrections)
        return number, since if since > gap.started_at else None

    def _pages(self, since: datetime, until: datetime) -> Iterator[history.Page]:
        for channel in history.CHANNELS:
            token: str | None = None
            seen: set[str] = set()
            while True:
                page = self._page(channel, since, until, token)
                self._count_unreadable(page)
                yield page
                # A vendor that names a page again would be followed for ever.
                if page.next_page is None or page.next_page in seen:
                    break
                token = page.next_page
                seen.add(token)

    def _count_unreadable(self, page: history.Page) -> None:
        if page.unreadable:
            shown = "; ".join(page.unreadable[:_UNREADABLE_SHOWN])
            log.warning("%s's history holds %d unreadable ticks: %s", self.stream.name, len(page.unreadable), shown)
            self.asking.counts.count_failed(len(page.unreadable))

    def _page(self, channel: history.Channel, since: datetime, until: datetime, token: str | None) -> history.Page:
        request = history.ask(self.stream, channel, self.symbols, since, until, token)
        return self.asking.ask(request, lambda body: history.read(self.stream, channel, body))
