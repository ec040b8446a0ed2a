"""The worker loop: take, handle, report, commit. The order is the guarantee.

One thread only polls: it takes messages into lanes, commits what is finished, and holds back what
is too much. The others each serve one task at a time. An offset is committed when its task and
every one before it in its partition were reported and the broker has acknowledged the reports;
whatever happens before that, the task comes again and changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from confluent_kafka import Consumer, KafkaError, TopicPartition

from include.errors import Unfit
from include.transport.record import Record, from_message
from include.transport.refusal import refusal_of, refused
from include.workers.assignment import Assignment
from include.workers.lanes import Delivery, Lanes
from include.workers.patience import Abandoned
from include.workers.stopping import Stopping

log = logging.getLogger(__name__)


class Bounds(msgspec.Struct, frozen=True):
    """What a worker holds at most, and how long it waits for what is under way."""

    concurrency: int = 8
    # Tasks that could run now, over all lanes: enough to work on while a paused partition comes back.
    runnable: int = 1000
    held_bytes: int = 64 * 2**20
    window: int = 1000  # tasks of one partition taken and not yet committable
    grace_s: float = 10.0  # at SIGTERM; the hand-over comes on top
    handover_s: float = 5.0  # at a rebalance
    commit_every_s: float = 0.5
    batch: int = 100


class Server(Protocol):
    """What brings one delivery to its end (`include.workers.work.Work`)."""

    def serve(self, delivery: Delivery) -> None: ...


class Loop:
    """One worker's loop over ``topic``.

    ``fault`` says why nothing may be started now (a full disk), or None; ``busy`` whether nothing
    more should be read although what is held goes its way (an open breaker).
    """

    def __init__(
        self,
        settings: dict[str, Any],
        topic: str,
        server: Server,
        bounds: Bounds,
        stopping: Stopping,
        *,
        fault: Callable[[], str | None] = lambda: None,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._server = server
        self._bounds = bounds
        self._stopping = stopping
        self._fault = fault
        self._busy = busy
        self._topic = topic
        self.lanes = Lanes()
        self._consumer = Consumer(
            settings | {"on_commit": self._on_commit, "error_cb": self._on_error}, logger=logging.getLogger("kafka")
        )
        self.assignment = Assignment(self._consumer, self.lanes, bounds.handover_s)
        self._commit_due = 0.0
        self.polled_at = time.monotonic()
        self.lag = 0
        self.held_because: str | None = None

    def run(self) -> None:
        """Work until asked to stop. Raises Unfit."""
        threads = [
            threading.Thread(target=self._serve, name=f"task-{n}", daemon=True) for n in range(self._bounds.concurrency)
        ]
        for thread in threads:
            thread.start()
        self._consumer.subscribe([self._topic], **self.assignment.callbacks)
        try:
            while not self._stopping.event.is_set():
                self._take()
                self._commit()
                self._hold_back()
            self._wind_down()
        finally:
            self._leave()
        if self._stopping.unfit is not None:
            raise Unfit(str(self._stopping.unfit)) from self._stopping.unfit

    def _take(self) -> None:
        """Read what has come, at most a batch; waits a moment for the first message only."""
        for count in range(self._bounds.batch):
            message = self._consumer.poll(0 if count else 0.05)
            self.polled_at = time.monotonic()
            if message is None:
                return
            if (error := message.error()) is not None:
                self._on_error(error)
            else:
                self._put(from_message(message, topic_id=""))

    def _put(self, record: Record) -> None:
        window = self.assignment.window(record.topic, record.partition)
        if window is not None:  # else the partition was handed over while this message was on its way
            window.take(record.offset)
            self.lanes.put(Delivery(record, window))

    def _serve(self) -> None:
        while (delivery := self.lanes.take()) is not None:
            try:
                self._server.serve(delivery)
                delivery.window.finish(delivery.record.offset)
            except Abandoned:
                log.debug("abandoned offset %d: it comes again, here or elsewhere", delivery.record.offset)
            except BaseException as error:  # Unfit, or a fault of the loop's own: either way stop
                log.critical("this worker stops and commits nothing more: %s", error, exc_info=error)
                self._stopping.because_unfit(error)
            finally:
                self.lanes.done(delivery)

    def _commit(self) -> None:
        now = time.monotonic()
        if now < self._commit_due or self._stopping.unfit is not None:
            return
        self._commit_due = now + self._bounds.commit_every_s
        self.lag = self.assignment.lag()
        if offsets := self.assignment.committable():
            self._consumer.commit(offsets=offsets, asynchronous=True)

    def _hold_back(self) -> None:
        """Pause what must not grow, resume what may; the poll thread polls on either way."""
        fault = self._fault()
        if fault is not None and self.held_because is None:
            log.error("this worker pauses: %s", fault)
        self.held_because = fault
        self.lanes.hold(fault is not None)
        bounds, lanes = self._bounds, self.lanes
        relief = 0.5 if self.assignment.all_paused else 1.0  # resume only when there is room for a while
        full = lanes.runnable >= bounds.runnable * relief or lanes.held_bytes >= bounds.held_bytes * relief
        self.assignment.hold_back(everything=full or fault is not None or self._busy(), window=bounds.window)

    def _wind_down(self) -> None:
        """Forget what waits, let what runs finish within the grace, commit it."""
        log.info("finishing %d tasks; what waits is left to others", self.lanes.running)
        self.lanes.drop(lambda _delivery: True)
        self.assignment.hold_back(everything=True, window=0)
        ends = time.monotonic() + self._bounds.grace_s
        while self._stopping.unfit is None and time.monotonic() < ends:
            self._consumer.poll(0.05)
            self.polled_at = time.monotonic()
            self._commit_due = 0.0
            self._commit()
            if not self.lanes.running and not self.assignment.committable():
                return

    def _leave(self) -> None:
        if self._stopping.unfit is not None:
            self.assignment.abandon()
        self.lanes.close()
        self._consumer.close()

    def _on_commit(self, error: KafkaError | None, offsets: list[TopicPartition]) -> None:
        refusal = next((e for e in (error, *(o.error for o in offsets)) if e is not None and refused(e)), None)
        if refusal is not None:
            self._on_error(refusal)
        elif error is not None:
            # The next commit repeats it; if the partition is lost, its new owner repeats the tasks.
            log.warning("offsets were not committed: %s", error.str())
        else:
            self.assignment.committed(offsets)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal() or error.code() == KafkaError._FATAL:
            self._stopping.because_unfit(Unfit(f"Kafka's client cannot go on: {error.str()}"))
        elif refused(error):
            self._stopping.because_unfit(Unfit(f"this worker may not read {self._topic}: {refusal_of(error)}"))
        else:
            log.warning("Kafka: %s", error.str())
