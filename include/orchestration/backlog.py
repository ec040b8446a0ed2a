"""The ledger's consumer group: where it has read to, and how much it has not read yet.

The group never subscribes. Its one reader, the drain, assigns partitions to itself and commits; so
its lag can be watched by anybody, without joining and without a rebalance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from confluent_kafka import Consumer, TopicPartition

from include.contracts.topics import DRAINED_TOPICS
from include.transport.patiently import patiently

LEDGER_GROUP = "stocks-ledger"
TOPICS = tuple(topic.name for topic in DRAINED_TOPICS)
_TIMEOUT_S = 10.0

Partition = tuple[str, int]


class Backlog(msgspec.Struct, frozen=True):
    """Offsets per (topic, partition): where the group will read next, and where the topic ends."""

    starts: dict[Partition, int]
    ends: dict[Partition, int]

    @property
    def lag(self) -> int:
        """How many records the group has not read."""
        return sum(max(0, end - self.starts[partition]) for partition, end in self.ends.items())

    def by_topic(self) -> dict[str, int]:
        """The lag of each topic that has one."""
        found: dict[str, int] = {}
        for (topic, number), end in self.ends.items():
            behind = end - self.starts[topic, number]
            if behind > 0:
                found[topic] = found.get(topic, 0) + behind
        return found


def consumer(settings: Mapping[str, Any], group: str = LEDGER_GROUP) -> Consumer:
    """A consumer of that group that is subscribed to nothing."""
    return Consumer(
        dict(settings)
        | {
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",  # whoever reads says from where; a topic made anew is no reason to go back
            "fetch.wait.max.ms": 100,
            "fetch.queue.backoff.ms": 20,
            "error_cb": lambda _error: None,  # failures come back by the calls themselves
            "log_level": 2,
        }
    )


def backlog(reader: Consumer, topics: Iterable[str] = TOPICS) -> Backlog:
    """What the reader's group has not read of ``topics``. Raises Transient when the brokers do not answer."""
    wanted = tuple(topics)
    return patiently(lambda: _measure(reader, wanted), "what is left to read")


def _measure(reader: Consumer, topics: tuple[str, ...]) -> Backlog:
    metadata = reader.list_topics(timeout=_TIMEOUT_S).topics
    places = [TopicPartition(t, p) for t in topics if t in metadata for p in metadata[t].partitions]
    starts, ends = {}, {}
    for place in reader.committed(places, timeout=_TIMEOUT_S):
        low, high = reader.get_watermark_offsets(place, timeout=_TIMEOUT_S, cached=False)
        # Nothing committed yet, or committed where retention has already deleted.
        starts[place.topic, place.partition] = max(low, min(place.offset, high)) if place.offset >= 0 else low
        ends[place.topic, place.partition] = high
    return Backlog(starts, ends)


def waits(now: Backlog, before: Backlog | None) -> bool:
    """Whether outcomes wait that no drain is reading: a lag that is new, or whose group stands still."""
    if now.lag == 0:
        return False
    return before is None or before.lag == 0 or before.starts == now.starts
