"""Our topics, all of them empty: those that the last test has written to are made anew, the others are left."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from include.contracts.topics import TOPICS
from include.transport.admin import create_topics

T = TypeVar("T")

_WITHIN_S = 120.0


def make_topics_anew(settings: Mapping[str, Any]) -> None:
    """Afterwards the topic table is there, without a record, and every partition has its leader."""
    admin = AdminClient(dict(settings))
    there = _topics(admin)
    ours = {topic.name for topic in TOPICS}
    ends = _answer(lambda: _ends(admin, [t for t in there if t in ours]), "where its topics end")
    gone = [name for name in there if name not in ours or any(ends[name])]
    if gone:
        for deleted in admin.delete_topics(gone, operation_timeout=60).values():
            deleted.result(_WITHIN_S)
        # A broker that still shows an old topic would take messages for it and then throw them away.
        _wait(lambda: not set(gone) & set(_topics(admin)), f"{gone} are gone")
    if gone or not ours <= set(there):
        create_topics(settings)
        _answer(lambda: _ends(admin, ours), "where its new topics end")


def _topics(admin: AdminClient) -> list[str]:
    return [name for name in admin.list_topics(timeout=60).topics if not name.startswith("__")]


def _ends(admin: AdminClient, names: Collection[str]) -> dict[str, list[int]]:
    """The end of every partition. Raises KafkaException while one has no leader."""
    found: dict[str, list[int]] = {name: [] for name in names}
    places = [TopicPartition(t.name, number) for t in TOPICS if t.name in names for number in range(t.partitions)]
    if places:
        for place, end in admin.list_offsets(dict.fromkeys(places, OffsetSpec.latest())).items():
            found[place.topic].append(end.result(_WITHIN_S).offset)
    return found


def _answer(ask: Callable[[], T], question: str) -> T:
    """What a broker says that may still be settling."""
    deadline = time.monotonic() + _WITHIN_S
    while True:
        try:
            return ask()
        except KafkaException as error:
            assert time.monotonic() < deadline, f"the broker does not say {question}: {error}"
            time.sleep(0.02)


def _wait(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + _WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)
