"""What lies on a topic, and how much of it a group has not committed: asked of a real broker, as often as one likes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from include.transport.record import Record, from_message

T = TypeVar("T")

_WITHIN_S = 90.0


def read(kafka: Mapping[str, Any], topic: str, topic_id: str = "") -> list[Record]:
    """Everything on a topic, in the order of its partitions."""
    lows, highs = bounds(kafka, topic)
    unread = {number for number in highs if lows[number] < highs[number]}
    consumer = Consumer(dict(kafka) | {"group.id": "none", "enable.auto.commit": False, "fetch.wait.max.ms": 50})
    found: list[Record] = []
    try:
        # All at once: a question about one partition waits for the answer about the last one's records.
        consumer.assign([TopicPartition(topic, number, lows[number]) for number in unread])
        deadline = time.monotonic() + _WITHIN_S
        while unread:
            assert time.monotonic() < deadline, f"partitions {unread} of {topic} cannot be read to their ends"
            for message in consumer.consume(1000, timeout=0.2):
                assert message.error() is None, message.error()
                found.append(from_message(message, topic_id))
                if found[-1].offset + 1 >= highs[found[-1].partition]:
                    unread.discard(found[-1].partition)
    finally:
        consumer.close()
    return sorted(found, key=lambda record: (record.partition, record.offset))


def uncommitted(kafka: Mapping[str, Any], topic: str, group: str) -> int:
    """How many messages of a topic that group has not committed."""
    lows, highs = bounds(kafka, topic)
    places = [TopicPartition(topic, number) for number in highs]
    found = answered(lambda: _reader(_address(kafka), group).committed(places, timeout=30))
    committed = lows | {place.partition: place.offset for place in found if place.offset >= 0}
    return sum(high - committed[number] for number, high in highs.items())


def bounds(kafka: Mapping[str, Any], topic: str) -> tuple[dict[int, int], dict[int, int]]:
    """The first offset and the end of every partition."""
    admin = _admin(_address(kafka))
    numbers = answered(lambda: list(admin.list_topics(topic, timeout=30).topics[topic].partitions))
    places = [TopicPartition(topic, number) for number in numbers]

    def offsets(spec: OffsetSpec) -> dict[int, int]:
        asked = admin.list_offsets(dict.fromkeys(places, spec))
        return {place.partition: future.result(_WITHIN_S).offset for place, future in asked.items()}

    return answered(lambda: offsets(OffsetSpec.earliest())), answered(lambda: offsets(OffsetSpec.latest()))


def answered(ask: Callable[[], T]) -> T:
    """Ask a broker that may still be settling (a leader or coordinator just elected) until it answers."""
    deadline = time.monotonic() + _WITHIN_S
    while True:
        try:
            return ask()
        except KafkaException as error:
            assert time.monotonic() < deadline, f"the broker does not answer: {error}"
            time.sleep(0.02)


def _address(kafka: Mapping[str, Any]) -> str:
    return str(kafka["bootstrap.servers"])


@cache
def _admin(address: str) -> AdminClient:
    """One client per broker: a new one for every question would cost more than the question."""
    return AdminClient({"bootstrap.servers": address, "log_level": 0, "error_cb": lambda _error: None})


@cache
def _reader(address: str, group: str) -> Consumer:
    """A client that may ask what ``group`` committed, and never joins it.

    The admin client's own question ends the whole process where a coordinator has just been made (librdkafka #5040).
    """
    return Consumer(
        {
            "bootstrap.servers": address,
            "group.id": group,
            "group.protocol": "consumer",
            "log_level": 0,
            "error_cb": lambda _error: None,
        }
    )
