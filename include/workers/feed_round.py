"""One round of a polled feed: every due symbol asked, sent, acknowledged, written down; no failure stops the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from include.contracts.prices import Price, TradingAsset
from include.errors import Permanent, Transient
from include.feeds.base import Feed, PriceQuery, Reading
from include.feeds.refusals import PlanRefusal
from include.feeds.rhythm import Round, Watched
from include.stores import feed_book
from include.workers.feed_asking import Asking, OutOfQuota, Stopped
from include.workers.feed_place import FeedPlace, moment_of

log = logging.getLogger(__name__)

_SILENCE = 5

Priced = Price | TradingAsset
Planner = Callable[[Sequence[Watched], datetime, int], Round]


class VendorAway(Exception):
    """So many questions in a row had no answer that the vendor is the problem, not the symbols."""


class Batches(Protocol):
    """How many symbols one request may name: learned from refusals, and remembered."""

    def size(self) -> int:
        """The number now."""
        ...

    def refuse(self) -> None:
        """The plan does not allow more than one."""
        ...


class Tally(msgspec.Struct):
    """What became of a round. ``failures`` is symbol -> why; ``skipped`` were not asked, ``why_skipped`` says why."""

    sent: list[str] = []
    failures: dict[str, str] = {}
    skipped: list[str] = []
    why_skipped: str | None = None
    fresh: list[str] = []
    unanswered_in_a_row: int = 0

    @property
    def succeeded(self) -> bool:
        """False when something was asked for and nothing came."""
        return bool(self.sent) or not self.failures


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """A polled feed put together. ``complete`` adds to a price what another question tells (a name)."""

    feed: Feed[Any]
    place: FeedPlace
    symbols: tuple[str, ...]
    asking: Asking
    plan: Planner
    batches: Batches
    complete: Callable[[Any], Any] = lambda message: message

    def round(self) -> Tally:
        """Ask for everything that is due. Raises ConfigurationError; Transient when our own stores do not answer."""
        now = datetime.now(UTC)
        due = self.plan(self._watched(), now, self.batches.size())
        tally = Tally(fresh=list(due.fresh))
        waiting = list(due.due)
        try:
            while waiting:
                batch = tuple(waiting[: self.batches.size()])
                self._serve(batch, tally)
                del waiting[: len(batch)]
        except (Stopped, OutOfQuota, VendorAway) as end:
            tally.skipped = [s for s in waiting if s not in tally.sent and s not in tally.failures]
            tally.why_skipped = str(end)
        if due.over_budget:
            tally.skipped += due.over_budget
            tally.why_skipped = tally.why_skipped or "the month's budget is spread over its remaining sessions"
        return tally

    def _serve(self, batch: tuple[str, ...], tally: Tally) -> None:
        query = PriceQuery(batch)
        try:
            reading = self.asking.ask(self.feed.ask(query), lambda body: self.feed.read(query, body))
        except (Permanent, Transient) as failure:
            if len(batch) == 1:
                self._fail({batch[0]: str(failure)}, tally)
                self._give_up_on_silence(failure, tally)
            else:
                self._one_by_one(batch, failure, tally)
            return
        tally.unanswered_in_a_row = 0
        self._deliver(reading, tally)
        self._fail(dict(reading.failures), tally)
        named = {m.key for m in reading.messages} | set(reading.failures)
        unnamed = [symbol for symbol in batch if symbol not in named]
        if len(batch) == 1:
            self._fail(dict.fromkeys(unnamed, f"{self.feed.name}'s answer does not mention it"), tally)
        else:
            for symbol in unnamed:
                self._serve((symbol,), tally)

    def _give_up_on_silence(self, failure: Permanent | Transient, tally: Tally) -> None:
        tally.unanswered_in_a_row = tally.unanswered_in_a_row + 1 if isinstance(failure, Transient) else 0
        if tally.unanswered_in_a_row >= _SILENCE:
            raise VendorAway(f"{_SILENCE} questions in a row had no answer: {failure}")

    def _one_by_one(self, batch: tuple[str, ...], failure: Permanent | Transient, tally: Tally) -> None:
        log.info("%s; asking for %d symbols one by one", failure, len(batch))
        if isinstance(failure, PlanRefusal):
            self.batches.refuse()
        for symbol in batch:
            self._serve((symbol,), tally)

    def _deliver(self, reading: Reading[Priced], tally: Tally) -> None:
        if not reading.messages:
            return
        messages = [self.complete(message) for message in reading.messages]
        self.place.publish(messages)
        moments = {m.key: moment_of(m) for m in messages}
        tally.sent += moments
        with self.place.database.transaction() as connection:
            feed_book.answered(connection, self.feed.name, datetime.now(UTC), moments)

    def _fail(self, failures: dict[str, str], tally: Tally) -> None:
        if not failures:
            return
        for symbol, why in failures.items():
            log.warning("%s: %s failed: %s", self.feed.name, symbol, why)
        self.place.counts.count_failed(len(failures))
        tally.failures |= failures
        with self.place.database.transaction() as connection:
            feed_book.failed(connection, self.feed.name, datetime.now(UTC), failures)

    def _watched(self) -> list[Watched]:
        with self.place.database.transaction() as connection:
            asked = feed_book.asked(connection, self.feed.name, self.symbols)
        return [Watched(symbol, *asked.get(symbol, (None, None))) for symbol in self.symbols]
