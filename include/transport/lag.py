"""How far consumer groups are behind, asked of the brokers without joining any group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from include.contracts.topics import Topic
from include.errors import Transient
from include.transport.admin import answered

_TIMEOUT_S = 2.0
# The client answers within its own time-out, unless it is gone itself; then nothing does.
_ANSWERED_WITHIN_S = _TIMEOUT_S + 1


# The client has no types for these two.
_EARLIEST = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_LATEST = OffsetSpec.latest()  # type: ignore[no-untyped-call]

Place = tuple[str, int]


class Lag(msgspec.Struct, frozen=True):
    """``group`` has ``behind`` messages of ``topic`` before it."""

    group: str
    topic: str
    behind: int


class LagReader:
    """Asks the brokers that ``settings`` (librdkafka's) name; its connections serve many readings."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        # Errors come back by the calls themselves; without a callback the client prints them too.
        self._servers = settings["bootstrap.servers"]
        self._settings = dict(settings) | {"error_cb": lambda _error: None, "log_level": 2}
        self._admin = AdminClient(self._settings)
        self._readers: dict[str, Consumer] = {}

    def groups(self, prefix: str) -> tuple[str, ...]:
        """The names of the groups that begin so. Raises Transient within some seconds."""
        try:
            found = answered(self._admin.list_consumer_groups(request_timeout=_TIMEOUT_S), _ANSWERED_WITHIN_S)
        except KafkaException as error:
            raise Transient(f"{self._nameless}: {error.args[0].str()}") from error
        if found.errors and not found.valid:  # of brokers that are away it says so, and raises nothing
            raise Transient(f"{self._nameless}: {found.errors[0].str()}")
        return tuple(sorted(group.group_id for group in found.valid if group.group_id.startswith(prefix)))

    def lags(self, readers: Mapping[str, Topic]) -> tuple[Lag, ...]:
        """How far each group is behind on its topic; nothing committed is behind on all. Raises Transient."""
        places = {(t.name, number) for t in readers.values() for number in range(t.partitions)}
        try:
            starts, ends = self._offsets(places, _EARLIEST), self._offsets(places, _LATEST)
            committed = {group: self._committed(group, topic) for group, topic in readers.items()}
        except KafkaException as error:
            raise Transient(f"Kafka does not say how far its readers are: {error.args[0].str()}") from error
        return tuple(
            Lag(group, topic.name, sum(_behind(place, starts, ends) for place in committed[group]))
            for group, topic in sorted(readers.items())
        )

    @property
    def _nameless(self) -> str:
        return f"Kafka at {self._servers} does not name its groups"

    def _committed(self, group: str, topic: Topic) -> list[TopicPartition]:
        """What the group has committed, asked by a client that never joins it.

        The admin client's own question ends the whole process where the coordinator has moved (librdkafka #5040).
        """
        reader = self._readers.get(group) or self._readers.setdefault(
            group, Consumer(self._settings | {"group.id": group, "group.protocol": "consumer"})
        )
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        found: list[TopicPartition] = reader.committed(places, timeout=_TIMEOUT_S)
        for place in found:
            if place.error is not None:
                raise KafkaException(place.error)
        return found

    def _offsets(self, places: set[Place], spec: OffsetSpec) -> dict[Place, int]:
        asked = {TopicPartition(*place): spec for place in places}
        futures = self._admin.list_offsets(asked, request_timeout=_TIMEOUT_S) if asked else {}
        return {(p.topic, p.partition): answered(f, _ANSWERED_WITHIN_S).offset for p, f in futures.items()}


def _behind(place: TopicPartition, starts: Mapping[Place, int], ends: Mapping[Place, int]) -> int:
    """What lies between where the group reads next and the end of a partition; a negative offset is none."""
    key = (place.topic, place.partition)
    return max(0, ends[key] - max(place.offset, starts[key]))
