"""The partitions that this worker has, and how they come and go. All of it runs on the poll thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from include.workers.lanes import Lanes
from include.workers.window import Window

log = logging.getLogger(__name__)


class Assignment:
    """One window per assigned partition; ``handover_s`` is how long a rebalance waits for running tasks."""

    def __init__(self, consumer: Consumer, lanes: Lanes, handover_s: float) -> None:
        self._consumer = consumer
        self._lanes = lanes
        self._handover_s = handover_s
        self._windows: dict[tuple[str, int], Window] = {}
        self._paused: set[tuple[str, int]] = set()
        self._fresh: set[tuple[str, int]] = set()  # assigned since the last look

    @property
    def callbacks(self) -> dict[str, Callable[[Consumer, list[TopicPartition]], None]]:
        """What `Consumer.subscribe` takes."""
        return {"on_assign": self._on_assign, "on_revoke": self._on_revoke, "on_lost": self._on_lost}

    @property
    def all_paused(self) -> bool:
        """Whether nothing is read at all."""
        return bool(self._windows) and self._paused >= self._windows.keys()

    @property
    def paused_partitions(self) -> int:
        """How many of our partitions are not read."""
        return len(self._paused)

    def window(self, topic: str, partition: int) -> Window | None:
        """The window of a partition, None if it is not ours (any more)."""
        return self._windows.get((topic, partition))

    def committable(self) -> list[TopicPartition]:
        """What to commit: of every partition the first unfinished offset, where it has moved."""
        return _offsets(list(self._windows.values()))

    def committed(self, offsets: list[TopicPartition]) -> None:
        """The broker has these on record."""
        for offset in offsets:
            window = self._windows.get((offset.topic, offset.partition))
            if window is None:
                continue
            if offset.error is not None:
                log.warning("%s [%d] was not committed: %s", offset.topic, offset.partition, offset.error.str())
            else:
                window.committed(offset.offset)

    def hold_back(self, *, everything: bool, window: int) -> None:
        """Read on only where there is room: nowhere, or not where ``window`` tasks are uncommitted.

        What is paused stays so until half of that is gone: the client throws its prefetch away at a
        pause and needs some tenths of a second after a resume.
        """
        unwanted = {
            place
            for place, w in self._windows.items()
            if everything or w.uncommittable >= (window // 2 if place in self._paused else window)
        }
        if pause := unwanted - self._paused:
            self._consumer.pause([TopicPartition(*place) for place in pause])
        # The client remembers that a partition was paused when it went, and goes on with that when it comes back.
        if resume := (self._paused | self._fresh) - unwanted:
            self._consumer.resume([TopicPartition(*place) for place in resume])
        self._paused = unwanted
        self._fresh.clear()

    def abandon(self) -> None:
        """Commit nothing of what is assigned now, whatever was finished."""
        for window in self._windows.values():
            window.close()

    def lag(self) -> int:
        """Messages on our partitions that are not committed, as far as the client knows."""
        total = 0
        for (topic, partition), window in list(self._windows.items()):
            _low, high = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), cached=True)
            total += max(0, high - (window.next_offset or high))
        return total

    def _on_assign(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for partition in partitions:
            self._windows[partition.topic, partition.partition] = Window(partition.topic, partition.partition)
            self._fresh.add((partition.topic, partition.partition))
        log.info("assigned %s", _named(partitions))

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Hand partitions over: what waits is dropped, what runs may finish for a moment, what is finished is kept."""
        windows = self._take_out(partitions)
        self._lanes.drop(lambda delivery: delivery.window in windows)
        self._lanes.wait_until_free_of(windows, self._handover_s)
        if offsets := _offsets(windows):
            try:
                consumer.commit(offsets=offsets, asynchronous=False)
            except KafkaException as error:
                log.warning("offsets were not committed at the hand-over, their tasks are repeated: %s", error)
        for window in windows:
            window.close()
        log.info("handed over %s", _named(partitions))

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """The group took us for dead: others have these already, so nothing may be committed."""
        windows = self._take_out(partitions)
        for window in windows:
            window.close()
        self._lanes.drop(lambda delivery: delivery.window in windows)
        log.warning("lost %s: their tasks are repeated elsewhere", _named(partitions))

    def _take_out(self, partitions: list[TopicPartition]) -> list[Window]:
        places = [(p.topic, p.partition) for p in partitions]
        self._paused.difference_update(places)
        self._fresh.difference_update(places)
        return [window for place in places if (window := self._windows.pop(place, None)) is not None]


def _offsets(windows: list[Window]) -> list[TopicPartition]:
    found: list[Any] = [(w, w.committable()) for w in windows]
    return [TopicPartition(w.topic, w.partition, offset) for w, offset in found if offset is not None]


def _named(partitions: list[TopicPartition]) -> str:
    topics = {p.topic for p in partitions}
    return (
        "; ".join(f"{t} {sorted(p.partition for p in partitions if p.topic == t)}" for t in sorted(topics)) or "nothing"
    )
