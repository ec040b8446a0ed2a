"""A message as it lies on its topic: what was read, and exactly where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from include.transport import headers as kafka_headers


class Record(msgspec.Struct, frozen=True):
    """One Kafka message. ``topic_id`` tells a topic from one of the same name made after it."""

    topic_id: str
    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None
    value: bytes | None
    headers: dict[str, str] = {}


def from_message(message: Any, topic_id: str) -> Record:
    """The record that a ``confluent_kafka.Message`` without an error is."""
    _kind, milliseconds = message.timestamp()
    return Record(
        topic_id=topic_id,
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp=datetime.fromtimestamp(max(0, milliseconds) / 1000, UTC),
        key=message.key(),
        value=message.value(),
        headers=kafka_headers.read(message.headers()),
    )
