"""Reading a stretch of topics from a moment on to their present end, without joining any group."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from confluent_kafka import Consumer, TopicPartition

from include.errors import Transient
from include.transport.patiently import patiently
from include.transport.record import Record, from_message

_TIMEOUT_S = 10.0
_SILENCE_S = 60.0
_BATCH = 1000

Partition = tuple[str, int]


class Span(msgspec.Struct, frozen=True):
    """Offsets from ``starts`` up to, not including, ``ends``.

    ``cut`` names the partitions whose beginning may be gone: retention has deleted records, and none
    older than the asked moment is left to show that the deleted ones were older still.
    """

    starts: dict[Partition, int]
    ends: dict[Partition, int]
    cut: tuple[str, ...]


class SpanReader:
    """Reads spans of ``topics``; ``topic_ids`` maps each topic's name to its id."""

    def __init__(self, settings: Mapping[str, Any], topic_ids: Mapping[str, str]) -> None:
        self._topic_ids = topic_ids
        self._consumer = Consumer(
            dict(settings)
            | {
                "group.id": "stocks-reader",  # required by the client; nothing is ever committed
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 100,
                "fetch.queue.backoff.ms": 20,
                "error_cb": lambda _error: None,
                "log_level": 2,
            }
        )

    def close(self) -> None:
        """Let go of the brokers."""
        self._consumer.close()

    def span(self, topics: Iterable[str], since: datetime) -> Span:
        """From the first record not older than ``since`` to the present end. Raises Transient."""
        wanted = tuple(topics)
        return patiently(lambda: self._span(wanted, since), "where its topics begin and end")

    def read(self, span: Span) -> Iterator[Record]:
        """Every record of the span. Raises Transient."""
        left = {partition for partition, end in span.ends.items() if end > span.starts[partition]}
        self._consumer.assign([TopicPartition(*partition, span.starts[partition]) for partition in left])
        heard = time.monotonic()
        while left:
            messages = self._consumer.consume(_BATCH, timeout=0.2)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SILENCE_S:
                raise Transient(f"Kafka was silent for {_SILENCE_S:.0f} s with records left in {sorted(left)}")
            for message in messages:
                if (error := message.error()) is not None:
                    raise Transient(f"the topics cannot be read: {error.str()}")
                record = from_message(message, self._topic_ids[str(message.topic())])
                partition = (record.topic, record.partition)
                if record.offset < span.ends[partition]:
                    yield record
                if record.offset + 1 >= span.ends[partition]:
                    left.discard(partition)

    def _span(self, topics: tuple[str, ...], since: datetime) -> Span:
        metadata = self._consumer.list_topics(timeout=_TIMEOUT_S).topics
        places = [(t, p) for t in topics if t in metadata for p in metadata[t].partitions]
        moment = int(since.timestamp() * 1000)
        asked = [TopicPartition(topic, number, moment) for topic, number in places]
        starts, ends, cut = {}, {}, []
        for place in self._consumer.offsets_for_times(asked, timeout=_TIMEOUT_S):
            low, high = self._consumer.get_watermark_offsets(place, timeout=_TIMEOUT_S, cached=False)
            start = place.offset if place.offset >= 0 else high  # negative: nothing is that young
            starts[place.topic, place.partition] = start
            ends[place.topic, place.partition] = high
            if low > 0 and start == low:
                cut.append(f"{place.topic}[{place.partition}]")
        return Span(starts, ends, tuple(cut))
