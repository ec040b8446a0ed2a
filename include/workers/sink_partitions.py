"""The partitions that a route has, and what is committed of them. All of it runs on the route's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaException, TopicPartition

from include.workers.sink_batch import Held

log = logging.getLogger(__name__)


class Partitions:
    """What is assigned to one consumer of ``topic``.

    When partitions go, ``drop`` forgets what was read of them and is not being written; ``finish`` waits a moment
    for what is.
    """

    def __init__(
        self, consumer: Consumer, topic: str, drop: Callable[[set[Held]], None], finish: Callable[[], None]
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._drop = drop
        self._finish = finish
        self._written: dict[Held, int] = {}
        self.paused = False
        self.held: dict[int, Held] = {}

    @property
    def callbacks(self) -> dict[str, Callable[[Consumer, list[TopicPartition]], None]]:
        """What ``Consumer.subscribe`` takes."""
        return {"on_assign": self._on_assign, "on_revoke": self._on_revoke, "on_lost": self._on_lost}

    def written(self, ends: dict[Held, int]) -> None:
        """All before these offsets is in the store."""
        for held, end in ends.items():
            if not held.closed:
                held.written_to = self._written[held] = end

    def commit(self) -> None:
        """Ask the broker to keep what is written; what it does not keep is asked again with the next."""
        if offsets := self._offsets(self._written):
            self._consumer.commit(offsets=offsets, asynchronous=True)

    def commit_and_wait(self) -> None:
        """The same, and wait for the answer: at the end."""
        self._commit_now(dict(self._written))

    def committed(self, offsets: list[TopicPartition]) -> None:
        """The broker has these on record."""
        at = {offset.partition: offset.offset for offset in offsets if offset.error is None}
        self._written = {held: end for held, end in self._written.items() if end != at.get(held.partition)}

    def pause(self, paused: bool) -> None:
        """Read on or not; a pause throws away what the client has fetched, so it is for long waits."""
        if paused == self.paused or not self.held:
            return
        places = [TopicPartition(self._topic, number) for number in self.held]
        (self._consumer.pause if paused else self._consumer.resume)(places)
        self.paused = paused

    def lag(self) -> int:
        """Messages on our partitions that are not in the store, as far as the client knows."""
        total = 0
        for number, held in self.held.items():
            _low, high = self._consumer.get_watermark_offsets(TopicPartition(self._topic, number), cached=True)
            total += max(0, high - (high if held.written_to is None else held.written_to))
        return total

    def close(self) -> None:
        """Commit nothing any more."""
        for held in self.held.values():
            held.closed = True
        self._written.clear()

    def _on_assign(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for place in partitions:
            self.held[place.partition] = Held(place.partition)
        # The client remembers a pause of a partition that went and comes back.
        self._consumer.incremental_assign(partitions)
        (self._consumer.pause if self.paused else self._consumer.resume)(partitions)
        log.info("assigned %s %s", self._topic, sorted(place.partition for place in partitions))

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        gone = self._take_out(partitions)
        self._drop(gone)
        self._finish()
        self._commit_now({held: end for held, end in self._written.items() if held in gone})
        self._forget(gone)
        log.info("handed over %s %s", self._topic, sorted(held.partition for held in gone))

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """The group took us for dead: others have these already, so nothing may be committed."""
        gone = self._take_out(partitions)
        self._forget(gone)
        self._drop(gone)
        log.warning("lost %s %s: it is read again elsewhere", self._topic, sorted(h.partition for h in gone))

    def _take_out(self, partitions: list[TopicPartition]) -> set[Held]:
        return {held for place in partitions if (held := self.held.pop(place.partition, None)) is not None}

    def _forget(self, gone: set[Held]) -> None:
        for held in gone:
            held.closed = True
            self._written.pop(held, None)

    def _commit_now(self, ends: dict[Held, int]) -> None:
        if not (offsets := self._offsets(ends)):
            return
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            log.warning("offsets were not committed, what they are of is written again: %s", error)
        else:
            self.committed(offsets)

    def _offsets(self, ends: dict[Held, int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, held.partition, end) for held, end in ends.items() if not held.closed]
