"""One route of the sink: read a batch, write it, commit it, while the next one is read. The order is the guarantee.

One thread polls, decodes and commits; another writes (``sink_writing``). Offsets are committed when all before
them is in the store or acknowledged as dead letters; whatever happens before that, the messages come
again and change nothing. Both threads and what they hold are the route's own: a route whose store is away
holds up no other.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaError, TopicPartition

from include.errors import Unfit
from include.stores.base import Ready
from include.transport.refusal import refusal_of, refused
from include.workers.sink_batch import Batch, Bounds, Decode, Held
from include.workers.sink_partitions import Partitions
from include.workers.sink_writing import Writer

log = logging.getLogger(__name__)

_CHUNK = 1000  # messages read at a time; while they are made into objects no other thread runs
_IDLE_S = 0.25  # a wait for the first message; it ends when that comes
_COMMIT_EVERY_S = 1.0  # of what the broker did not take at once
_PATIENCE_S = 1.0  # how long a full batch waits for its turn before the partitions are paused
_HANDOVER_S, _GRACE_S = 5.0, 10.0  # for a batch that is being written, at a rebalance and at the end


class Reading(msgspec.Struct, frozen=True):
    """What a route reads: messages of one ``kind`` from one topic, those that are ``wanted`` (None: all of them)."""

    name: str
    topic: str
    kind: type
    wanted: Callable[[Any], bool] | None = None


class RouteLoop:
    """The loop of one route. ``fault`` says why nothing may be written now (a full disk), or None."""

    def __init__(
        self,
        reading: Reading,
        settings: dict[str, Any],
        writer: Writer,
        stop: threading.Event,
        *,
        bounds: Bounds = Bounds(),  # noqa: B008 - frozen
        fault: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._reading = reading
        self._writer = writer
        self._stop = stop
        self._bounds = bounds
        self._fault = fault
        self._decode: Decode = msgspec.json.Decoder(reading.kind).decode
        self._growing = Batch(bounds, self._decode)
        self._prepared: Ready | None = None
        self._lingered = True
        self._commit_due = 0.0
        self._unfit: Unfit | None = None
        self._consumer = Consumer(
            settings | {"on_commit": self._on_commit, "error_cb": self._on_error}, logger=logging.getLogger("kafka")
        )
        self._partitions = Partitions(self._consumer, reading.topic, self._drop, self._finish)
        self.polled_at = time.monotonic()
        self.held_because: str | None = None
        self.lag = 0

    def run(self) -> None:
        """Work until asked to stop. Raises Unfit, or whatever ended the writer."""
        self._consumer.subscribe([self._reading.topic], **self._partitions.callbacks)
        try:
            while not self._stop.is_set():
                self._hold_back()
                self._read()
                self._settle()
                self._hand_over()
            self._finish()
            self._partitions.commit_and_wait()
        except BaseException:
            self._partitions.close()
            raise
        finally:
            self._writer.close()
            self._consumer.close()

    def _hold_back(self) -> None:
        """Wait while there is no room for more; a wait that lasts pauses the partitions, so that polling goes on."""
        fault = self._fault()
        if fault is not None and self.held_because is None:
            log.error("%s pauses: %s", self._reading.name, fault)
        self.held_because = fault
        if not self._growing.room:
            self._make_ready()
        waits = fault is not None or (not self._growing.room and not self._writer.wait(_PATIENCE_S))
        self._partitions.pause(waits)

    def _read(self) -> None:
        """Take what has come: at once the first, then more for as long as a batch may wait."""
        room = min(_CHUNK, self._growing.room)
        idle = self._partitions.paused or (not self._growing and self._writer.idle)
        messages = self._consumer.consume(1, timeout=_IDLE_S) if idle else []
        if room > 1 and (messages or not idle):
            messages += self._consumer.consume(room - len(messages), timeout=self._bounds.age_s)
        self.polled_at = time.monotonic()
        self._lingered = len(messages) < room
        if messages:  # nobody shall depend on a pause that lets none through: what is ready must be all there is
            self._prepared = None
        for error in self._growing.add(messages, self._partitions.held, self._reading.wanted):
            self._on_error(error)
        if self._unfit is not None:
            raise self._unfit

    def _hand_over(self) -> None:
        """Give the batch to the writer when it has waited, or is full."""
        due = self._growing and (self._lingered or not self._growing.room)
        if due and self._writer.idle and self.held_because is None:
            self._make_ready()
            self._writer.submit(self._growing, self._prepared)
            self._growing, self._prepared = Batch(self._bounds, self._decode), None

    def _make_ready(self) -> None:
        """Prepare the batch, which gets no more messages: while the one before is written there is time."""
        if self._prepared is None:
            self._prepared = self._writer.prepare(self._growing)

    def _settle(self) -> None:
        """Commit what was written. Raises what ended the writer."""
        if self._writer.failure is not None:
            raise self._writer.failure
        written = self._writer.take_written()
        self._partitions.written(written)
        if written or time.monotonic() >= self._commit_due:
            self._commit_due = time.monotonic() + _COMMIT_EVERY_S
            self._partitions.commit()
            self.lag = self._partitions.lag()

    def _drop(self, gone: set[Held]) -> None:
        """Forget what is not being written of partitions that go."""
        if self._growing.drop(gone):
            self._prepared = None

    def _finish(self) -> None:
        """Let the batch that is being written come to its end, but not for ever."""
        self._writer.wait(_GRACE_S if self._stop.is_set() else _HANDOVER_S)
        self._partitions.written(self._writer.take_written())

    def _on_commit(self, error: KafkaError | None, offsets: list[TopicPartition]) -> None:
        for failure in filter(None, (error, *(offset.error for offset in offsets))):
            if refused(failure):
                self._on_error(failure)
                return
        if error is not None:
            log.warning("%s: offsets were not committed, they are with the next: %s", self._reading.name, error.str())
        else:
            self._partitions.committed(offsets)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal() or error.code() == KafkaError._FATAL:
            self._unfit = Unfit(f"Kafka's client cannot go on: {error.str()}")
        elif refused(error):
            self._unfit = Unfit(f"the sink may not read {self._reading.topic}: {refusal_of(error)}")
        else:
            log.warning("%s: Kafka: %s", self._reading.name, error.str())
