"""A streamed feed at work: one task listens, one publishes, one keeps the books.

What was heard waits in a bounded queue until the broker has acknowledged it. If the broker is away
the queue fills, we stop reading, the vendor cuts us off, and what is missed is a gap like any other.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from include.contracts.corrections import TickCorrection
from include.contracts.prices import Tick
from include.errors import Transient
from include.feeds.changes import Changes
from include.feeds.listening import Connected, Event, Heard, Lost, listening
from include.feeds.socket import Dial
from include.stores import feed_book
from include.stores.feed_book import FeedState
from include.workers.backup import Backup
from include.workers.feed_absence import Absence
from include.workers.feed_asking import Stopped
from include.workers.feed_gaps import Filling, Notebook
from include.workers.feed_place import FeedPlace

log = logging.getLogger(__name__)

_QUEUED_FRAMES = 2_000
_LARGEST_BATCH = 5_000
_BOOKS_EVERY_S = 2.0
_FILL_AGAIN_S = 60.0
_LOOK_AGAIN_S = 0.1
_KAFKA_AGAIN_S = 1.0
_FAREWELL_S = 20.0
_TRIES_FOR_ONCE = 4

T = TypeVar("T")


class Streaming(msgspec.Struct, frozen=True, kw_only=True):
    """A streamed feed put together. ``changes_only`` publishes, and backs up, only ticks that change a price."""

    dial: Dial
    place: FeedPlace
    filling: Filling
    changes_only: bool
    backup: Backup | None = None

    def run(self, *, once: bool) -> None:
        """Listen until asked to end. Raises ConfigurationError.

        ``once`` ends when the first ticks are acknowledged, or with Transient when no connection holds.
        """
        asyncio.run(_Stream(self, once=once).run())


class _Stream:
    """The running tasks of one feed, all in one event loop; what blocks is done in threads."""

    def __init__(self, parts: Streaming, *, once: bool) -> None:
        self._parts = parts
        self._once = once
        self._stop: threading.Event = parts.place.stop
        self._queue: asyncio.Queue[Heard] = asyncio.Queue(_QUEUED_FRAMES)
        self._changes = Changes()
        self._notebook = Notebook(parts.place.database, parts.dial.stream.name)
        self._absence = Absence(self._notebook, lambda at: parts.dial.stream.trades(parts.dial.hours(at)))
        self._state: FeedState = "running"
        self._detail: str | None = None
        self._heard_at: datetime | None = None
        self._losses = 0  # since something was heard
        self._books_wanted = asyncio.Event()
        self._fill_wanted = asyncio.Event()

    async def run(self) -> None:
        await asyncio.to_thread(self._remember)
        work = [self._listen(), self._publish(), self._keep_books(), self._fill()]
        tasks = [asyncio.create_task(coroutine) for coroutine in work]
        stopped = asyncio.create_task(asyncio.to_thread(self._stop.wait))
        try:
            await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stop.set()
            failures = [e for task in tasks if task.done() and not task.cancelled() and (e := task.exception())]
            await self._end(tasks, failures)
            await stopped
        if failures:
            raise failures[0]

    async def _end(self, tasks: list[asyncio.Task[None]], failures: list[BaseException]) -> None:
        """Stop hearing, send what was heard, write the last line."""
        listener, publisher, *others = tasks
        for task in (listener, *others):
            task.cancel()
        await asyncio.wait([listener, *others])
        try:
            async with asyncio.timeout(_FAREWELL_S):
                if not publisher.done():
                    await self._queue.join()
        except TimeoutError:
            log.warning("%d frames were heard and could not be sent", self._queue.qsize())
        publisher.cancel()
        await asyncio.wait([publisher])
        counts = self._parts.place.counts
        last = counts.report("failed", str(failures[0])) if failures else counts.report("stopped")
        await asyncio.to_thread(self._notebook.write, last)

    def _remember(self) -> None:
        """The time since this feed was last at work is a gap."""
        feed = self._parts.dial.stream.name
        with self._parts.place.database.transaction() as connection:
            self._heard_at = feed_book.last_message_at(connection, feed)
        if self._heard_at is not None:
            self._absence.began(self._heard_at, datetime.now(UTC), "the feed was not running")

    async def _listen(self) -> None:
        async with aclosing(listening(self._parts.dial)) as events:
            async for event in events:
                await self._take(event)

    async def _take(self, event: Event) -> None:
        match event:
            case Connected(at):
                log.info("%s is subscribed", self._parts.dial.stream.name)
                self._state, self._detail = "connected", None
                self._heard_at = self._absence.ended(at)
                self._notebook.publishes(at, "changes" if self._parts.changes_only else "all")
                self._books_wanted.set()
                self._fill_wanted.set()
            case Heard(ticks, corrections):
                self._losses = 0
                await self._hear(ticks, corrections)
            case Lost(at, why, wait_s):
                log.warning("%s; connecting again in %.1f s", why, wait_s)
                self._parts.place.counts.count_lost()
                self._absence.began(self._heard_at or at, at, why)
                self._state, self._detail = "lost", why
                self._books_wanted.set()
                self._losses += 1
                if self._once and self._losses >= _TRIES_FOR_ONCE:
                    raise Transient(f"{why}; tried {self._losses} times")

    async def _hear(self, ticks: tuple[Tick, ...], corrections: tuple[TickCorrection, ...]) -> None:
        if ticks:
            # A late tick does not move it back, a wrong clock not beyond now.
            newest = min(max(tick.ticked_at for tick in ticks), datetime.now(UTC))
            self._heard_at = max(self._heard_at or newest, newest)
        news = tuple(filter(self._changes.changed, ticks)) if self._parts.changes_only else ticks
        for correction in corrections:
            self._changes.forget(correction.symbol)
        if news and self._parts.backup is not None:
            self._parts.backup.take(news)
        if news or corrections:
            await self._queue.put(Heard(news, corrections))

    async def _publish(self) -> None:
        while True:
            frames = [await self._queue.get()]
            while not self._queue.empty() and sum(len(frame.ticks) for frame in frames) < _LARGEST_BATCH:
                frames.append(self._queue.get_nowait())
            ticks = tuple(tick for frame in frames for tick in frame.ticks)
            await self._send(Heard(ticks, tuple(c for frame in frames for c in frame.corrections)))
            for _ in frames:
                self._queue.task_done()
            if self._once and ticks:
                return

    async def _send(self, heard: Heard) -> None:
        await self._acknowledged("ticks", self._parts.place.publish, heard.ticks)
        await self._acknowledged("corrections", self._parts.place.correct, heard.corrections)

    async def _acknowledged(self, what: str, send: Callable[[tuple[T, ...]], object], messages: tuple[T, ...]) -> None:
        while True:
            try:
                await asyncio.to_thread(send, messages)
                return
            except Transient as error:
                log.warning("%d %s wait: %s", len(messages), what, error)
                await asyncio.sleep(_KAFKA_AGAIN_S)

    async def _keep_books(self) -> None:
        while True:
            self._books_wanted.clear()
            self._absence.look(datetime.now(UTC))
            report = self._parts.place.counts.report(self._state, self._said())
            await asyncio.to_thread(self._notebook.write, report)
            await _set_within(self._books_wanted, _BOOKS_EVERY_S)

    def _said(self) -> str | None:
        """What is wrong with the stream and with its backup."""
        faults = (self._detail, self._parts.backup.fault if self._parts.backup is not None else None)
        return "; ".join(fault for fault in faults if fault) or None

    async def _fill(self) -> None:
        while True:
            await _set_within(self._fill_wanted, _FILL_AGAIN_S)
            self._fill_wanted.clear()
            while self._notebook.behind:  # the books must say first that the gap is over
                await asyncio.sleep(_LOOK_AGAIN_S)
            try:
                await asyncio.to_thread(self._parts.filling.fill)
            except Transient as error:
                log.warning("gaps stay for now: %s", error)
            except Stopped:
                return


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    """Wait for ``event``, but not longer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
