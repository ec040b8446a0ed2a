"""Partitions that go and come back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka import Consumer

from include.contracts.tasks import Stage
from include.contracts.topics import PROCESSING_TASKS
from include.transport.consumer import consumer_settings, group_of
from include.transport.producer import Message, Producer
from include.transport.record import from_message
from include.workers.assignment import Assignment
from include.workers.lanes import Lanes

pytestmark = pytest.mark.stack

_TOPIC = PROCESSING_TASKS.name
_ALL = {(_TOPIC, number) for number in range(PROCESSING_TASKS.partitions)}
_DEADLINE_S = 90.0


class _Member:
    """A member of the processing workers' group."""

    def __init__(self, kafka: dict[str, str], name: str) -> None:
        self.consumer = Consumer(consumer_settings(kafka, group_of(Stage.PROCESSING), name))
        self.assignment = Assignment(self.consumer, Lanes(), handover_s=0.1)
        self.consumer.subscribe([_TOPIC], **self.assignment.callbacks)
        self.read: set[tuple[str, int]] = set()

    def close(self) -> None:
        self.consumer.close()

    def poll(self, *, held: bool) -> None:
        message = self.consumer.poll(0.05)
        self.assignment.hold_back(everything=held, window=1000)
        if message is not None and message.error() is None:
            record = from_message(message, topic_id="")
            self.read.add((record.topic, record.partition))

    @property
    def has(self) -> int:
        return sum(self.assignment.window(*place) is not None for place in _ALL)


def _rounds() -> Iterator[None]:
    ends = time.monotonic() + _DEADLINE_S
    while time.monotonic() < ends:
        yield
    raise AssertionError("it did not come about in time")


def test_a_partition_that_was_paused_when_it_went_is_read_when_it_comes_back(kafka: dict[str, str]) -> None:
    with closing(_Member(kafka, "first")) as first:
        for _ in _rounds():
            first.poll(held=True)
            if first.has == len(_ALL) and first.assignment.all_paused:
                break
        with closing(_Member(kafka, "second")) as second:
            for _ in _rounds():
                first.poll(held=True)
                second.poll(held=True)
                if second.has and first.has + second.has == len(_ALL):
                    break
        for _ in _rounds():
            first.poll(held=False)
            if first.has == len(_ALL):
                break
        with Producer(kafka) as producer:
            producer.deliver(Message(_TOPIC, f"S{number}", b"{}") for number in range(500))
        for _ in _rounds():
            first.poll(held=False)
            if first.read == _ALL:
                break
