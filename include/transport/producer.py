"""One producer per process: asynchronous, idempotent, acknowledged by all replicas.

``deliver`` sends some messages and waits for exactly those, so threads can share one producer;
``send`` and ``flush`` are for a caller that has the producer to itself. Nothing is taken for sent
before the broker says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Self

import msgspec
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import Producer as KafkaProducer

from include.contracts.topics import TOPICS
from include.errors import Permanent, StocksError, Transient, Unfit
from include.transport import headers as kafka_headers
from include.transport.refusal import refusal_of, refused

_log = logging.getLogger(__name__)

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_POLL_S = 0.1
# The client counts the message's framing too.
_MESSAGE_MAX_BYTES = max(t.max_message_bytes for t in TOPICS) + 16 * 1024


class Message(msgspec.Struct, frozen=True):
    """What goes to a topic; ``key`` is text or the original's bytes, None has no key."""

    topic: str
    key: bytes | str | None
    value: bytes | None
    headers: Mapping[str, str] = _NO_HEADERS


class Producer:
    """A Kafka producer whose failures cannot be overlooked.

    ``settings`` are librdkafka's (``KafkaSettings.librdkafka()``). ``timeout_s`` is how long a
    message may wait for its acknowledgement, retries included.
    """

    def __init__(self, settings: Mapping[str, Any], *, timeout_s: float = 30) -> None:
        self._timeout_s = timeout_s
        self._kafka = KafkaProducer(
            {
                "acks": "all",
                "enable.idempotence": True,
                "compression.type": "zstd",
                "linger.ms": 2,
                "message.max.bytes": _MESSAGE_MAX_BYTES,
                "message.timeout.ms": int(timeout_s * 1000),
                # Topics are made beforehand, so one that is missing is a mistake and soon said to be one.
                "topic.metadata.propagation.max.ms": int(min(5.0, timeout_s / 2) * 1000),
            }
            | dict(settings),
            logger=_log,
        )
        self._own = _Batch()
        self._closing = threading.Event()
        self._poller = threading.Thread(target=self._serve, name="producer", daemon=True)
        self._poller.start()

    def send(self, topic: str, key: bytes | str, value: bytes, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        """Hand one message over; waits while the client's queue is full. Raises Transient, Permanent, Unfit."""
        self._produce(Message(topic, key, value, headers), self._own)

    def flush(self) -> None:
        """Wait for everything sent since the last flush. Raises Transient, Permanent or Unfit if any failed."""
        batch, self._own = self._own, _Batch()
        batch.wait(self._timeout_s)

    def deliver(self, messages: Iterable[Message]) -> None:
        """Send ``messages`` and wait until the broker has acknowledged all of them; thread-safe.

        Raises Transient (none, some or all may have arrived: send them again), Permanent (a message
        that the broker will never take) or Unfit (this producer can send nothing any more).
        """
        batch = _Batch()
        for message in messages:
            self._produce(message, batch)
        batch.wait(self._timeout_s)

    def close(self) -> None:
        """Stop; what was not flushed is not waited for."""
        self._closing.set()
        self._poller.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _produce(self, message: Message, batch: _Batch) -> None:
        deadline = time.monotonic() + self._timeout_s
        batch.sent()
        while True:
            try:
                self._kafka.produce(
                    message.topic,
                    key=message.key,
                    value=message.value,
                    headers=kafka_headers.write(message.headers),
                    on_delivery=batch.delivered,
                )
                return
            except BufferError:
                # The poll thread makes room as the broker answers.
                if time.monotonic() > deadline:
                    batch.delivered(KafkaError(KafkaError._QUEUE_FULL), None)
                    return
                self._closing.wait(0.01)
            except KafkaException as error:
                batch.delivered(error.args[0], None)
                return

    def _serve(self) -> None:
        while not self._closing.is_set():
            self._kafka.poll(_POLL_S)


class _Batch:
    """Messages that are waited for together."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._outstanding = 0
        self._failures: list[KafkaError] = []

    def sent(self) -> None:
        with self._changed:
            self._outstanding += 1

    def delivered(self, error: KafkaError | None, _message: object) -> None:
        with self._changed:
            self._outstanding -= 1
            if error is not None:
                self._failures.append(error)
            if not self._outstanding:
                self._changed.notify_all()

    def wait(self, timeout_s: float) -> None:
        with self._changed:
            # The client reports every message within its own timeout; the margin is for its clock.
            if not self._changed.wait_for(lambda: not self._outstanding, timeout_s + 10):
                raise Transient(f"{self._outstanding} messages were not acknowledged within {timeout_s:g} s")
            if self._failures:
                raise _explained(self._failures)


def _explained(failures: list[KafkaError]) -> StocksError:
    worst = next((f for f in failures if f.fatal() or refused(f)), failures[0])
    count = f"{len(failures)} message{'s were' if len(failures) > 1 else ' was'} not acknowledged"
    if worst.fatal():
        return Unfit(f"{count}, and this producer can send no more: {worst.str()}; the worker must start again")
    if refused(worst):
        return Unfit(f"{count}: {refusal_of(worst)}")
    if worst.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        return Permanent(f"{count}: larger than the topic's max.message.bytes")
    if worst.code() in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC):
        return Transient(f"{count}: the topic does not exist; `stocks topics` creates it")
    return Transient(f"{count}: {worst.str()}")
