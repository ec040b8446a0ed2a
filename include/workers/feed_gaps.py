"""When a stream was not heard: written down at once, asked for afterwards where the vendor allows it."""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from include.contracts.corrections import TickCorrection
from include.contracts.prices import Tick
from include.errors import ConfigurationError, Permanent, Transient
from include.feeds import history
from include.feeds.alpaca import Stream
from include.feeds.hours import Hours, traded_since
from include.feeds.refusals import PlanRefusal
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
        self._turn = threading.Lock()

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
        """Bring the database up to date, if it answers.

        One at a time: at the end of a stream, what is being written is not cut off, and the last word comes after it.
        """
        with self._turn:
            try:
                while self._entries:
                    with self._database.transaction() as connection:
                        self._entries[0](connection)
                    self._entries.popleft()
                with self._database.transaction() as connection:
                    feed_book.report(connection, report)
            except Transient as error:
                log.warning("%s; %d entries wait", error, len(self._entries))


class _Filled(msgspec.Struct, frozen=True):
    """What came of asking: from ``since`` on if that is not the gap's start, without the ``unknown`` symbols."""

    ticks: int
    since: datetime | None
    unknown: tuple[str, ...]

    @property
    def detail(self) -> str | None:
        """What was not asked for."""
        said = [f"only the last {_SPOKEN_FILL} of trading were asked for"] if self.since else []
        said += [f"the vendor knows no {', '.join(self.unknown)}"] if self.unknown else []
        return "; ".join(said) or None


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
                filled = self._fill(gap)
                number, since, detail = filled.ticks, filled.since, filled.detail
            except (Permanent, ConfigurationError) as refusal:
                number, since, detail = None, None, str(refusal)
            except (Transient, OutOfQuota) as failure:
                log.warning("the gap of %s at %s stays for now: %s", gap.feed, gap.started_at, failure)
                return
            log.info("gap of %s since %s: %s ticks", gap.feed, gap.started_at, number)
            with self.database.transaction() as connection:
                feed_book.end_gap(connection, gap, number, detail, since)

    def _fill(self, gap: Gap) -> _Filled:
        until = gap.ended_at or gap.started_at
        since = max(gap.started_at, traded_since(self.hours(until), until, _LONGEST_FILL, gap.started_at))
        symbols = self.symbols
        while True:
            try:
                number = self._send(symbols, since - _SLACK, until + _SLACK)
            except PlanRefusal as refusal:
                left = _not_named(symbols, str(refusal))
                if not left or left == symbols:
                    raise
                log.warning("%s; asking for the other symbols", refusal)
                symbols = left
            else:
                unknown = tuple(symbol for symbol in self.symbols if symbol not in symbols)
                return _Filled(number, since if since > gap.started_at else None, unknown)

    def _send(self, symbols: tuple[str, ...], since: datetime, until: datetime) -> int:
        """Everything that is told of ``symbols`` between the two; -> how many ticks."""
        number = 0
        for page in self._pages(symbols, since, until):
            number += self.publish(page.ticks)
            self.correct(page.corrections)
        return number

    def _pages(self, symbols: tuple[str, ...], since: datetime, until: datetime) -> Iterator[history.Page]:
        for channel in history.CHANNELS:
            token: str | None = None
            seen: set[str] = set()
            while True:
                request = history.ask(self.stream, channel, symbols, since, until, token)
                page = self.asking.ask(request, partial(history.read, self.stream, channel))
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


def _not_named(symbols: tuple[str, ...], refusal: str) -> tuple[str, ...]:
    """Those of ``symbols`` that a refusal of invalid ones does not name: the others shall not pay for them."""
    if "invalid symbol" not in refusal.lower():
        return symbols
    named = set(re.findall(r"[A-Z0-9./]*[A-Z0-9]", refusal))
    return tuple(symbol for symbol in symbols if symbol not in named)
