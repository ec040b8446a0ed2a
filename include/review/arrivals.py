"""Looking on the topics themselves whether a letter that a crash left behind had been sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from include.contracts import dead_letters as names
from include.errors import Transient
from include.review.states import Claimed
from include.transport.record import from_message

_TIMEOUT_S = 15.0
_CLOCKS_APART = timedelta(minutes=10)  # the broker keeps the producer's clock, the claim the database's


def arrived(kafka: Mapping[str, Any], letters: Sequence[Claimed]) -> frozenset[str]:
    """The places of those ``letters`` whose replay is on its topic. Raises Transient."""
    wanted = {letter.place for letter in letters}
    found: set[str] = set()
    for topic in {letter.origin_topic for letter in letters}:
        since = min(letter.claimed_at for letter in letters if letter.origin_topic == topic) - _CLOCKS_APART
        try:
            found.update(place for place in _replays(kafka, topic, int(since.timestamp() * 1000)) if place in wanted)
        except KafkaException as error:
            raise Transient(f"{topic} cannot be searched for earlier replays: {error.args[0].str()}") from error
    return frozenset(found)


def _replays(kafka: Mapping[str, Any], topic: str, since_ms: int) -> Iterable[str]:
    """The letters that messages of ``topic`` since then say they replay."""
    consumer = Consumer(dict(kafka) | {"group.id": "stocks-review", "enable.auto.commit": False})
    try:
        partitions = consumer.list_topics(topic, timeout=_TIMEOUT_S).topics[topic].partitions
        starts = consumer.offsets_for_times(
            [TopicPartition(topic, number, since_ms) for number in partitions], timeout=_TIMEOUT_S
        )
        unread = {}
        for start in starts:
            _low, high = consumer.get_watermark_offsets(start, timeout=_TIMEOUT_S)
            if 0 <= start.offset < high:
                unread[start.partition] = high
        consumer.assign([start for start in starts if start.partition in unread])
        while unread:
            message = consumer.poll(_TIMEOUT_S)
            if message is None:
                raise Transient(f"{topic} did not answer within {_TIMEOUT_S:g} s while it was searched")
            if (error := message.error()) is not None:
                raise KafkaException(error)
            record = from_message(message, topic_id="")
            if record.offset + 1 >= unread.get(record.partition, 0):
                unread.pop(record.partition, None)
            if place := record.headers.get(names.REPLAY_OF):
                yield place
    finally:
        consumer.close()
