"""The movement monitor: reads the price topics, and sends a PriceMovement for each price that has moved.

    stock-prices, trading-assets-market-data-v1, market_ticks -> windows -> price-alerts

A movement is acknowledged by the broker before the offsets of what caused it are committed. After a crash
the same messages give the same windows and the same ids: nothing is lost, and what is sent again is
the same row.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from include.contracts.prices import PriceMovement
from include.contracts.topics import PRICE_ALERTS
from include.errors import Transient
from include.settings import MovementSettings
from include.transport.codec import encode
from include.transport.consumer import consumer_settings
from include.transport.producer import Message, Producer
from include.workers.movements_partition import Partition
from include.workers.movements_reading import READERS
from include.workers.movements_recall import Recall
from include.workers.movements_window import Rule
from include.workers.rounds import Rounds

log = logging.getLogger(__name__)

GROUP = "stocks-movements"
_BATCH = 1_000
_POLL_S = 0.2
_COMMIT_EVERY_S = 2.0
_AGAIN_S = 1.0

Place = tuple[str, int]


def rules_of(settings: MovementSettings) -> dict[str, Rule]:
    """What is a movement of streamed and of polled prices; what is switched off is absent."""
    wanted = {
        "streamed": (settings.percent, settings.window_s),
        "polled": (settings.polled_percent, settings.polled_window_s),
    }
    return {kind: Rule(percent, window_s) for kind, (percent, window_s) in wanted.items() if percent is not None}


class MovementMonitor:
    """The monitor as a part of a process: start, stop, health. With no ``rules`` there is nothing to start."""

    def __init__(self, kafka: Mapping[str, Any], producer: Producer, rules: Mapping[str, Rule], client_id: str) -> None:
        self._kafka = kafka
        self._producer = producer
        self._rules = rules
        self._client_id = client_id
        self._topics = [topic for topic, (kind, _read) in READERS.items() if kind in rules]
        self._partitions: dict[Place, Partition] = {}
        self._recall = Recall(kafka)
        self._rounds = Rounds("movements", self._session, every_s=_AGAIN_S)
        self.name = self._rounds.name
        self.told = 0

    def start(self) -> None:
        """Begin to read."""
        if self._topics:
            self._rounds.start()

    def ask_to_stop(self) -> None:
        """End soon; what was observed is committed."""
        self._rounds.ask_to_stop()

    def join(self, timeout_s: float) -> None:
        """Wait for the end, at most so long."""
        self._rounds.join(timeout_s)

    def stop(self) -> None:
        """Ask, and wait."""
        self._rounds.stop()

    def health(self) -> dict[str, Any]:
        """Whether it works and what failed last; how many partitions and symbols it watches, how much it has told."""
        if not self._topics:
            return {"healthy": True, "fault": None, "off": True}
        partitions = list(self._partitions.values())
        symbols = sum(partition.symbols for partition in partitions)
        return self._rounds.health() | {"partitions": len(partitions), "symbols": symbols, "told": self.told}

    def _session(self) -> bool:
        """One membership of the group, until it is to stop or something fails."""
        settings = consumer_settings(self._kafka, GROUP, self._client_id) | {"error_cb": _say}
        consumer = Consumer(settings, logger=logging.getLogger("kafka"))
        try:
            consumer.subscribe(self._topics, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)
            commit_at = time.monotonic() + _COMMIT_EVERY_S
            while not self._rounds.stopping.is_set():
                self._serve(consumer.consume(_BATCH, timeout=_POLL_S))
                if time.monotonic() >= commit_at:
                    commit_at = time.monotonic() + _COMMIT_EVERY_S
                    self._commit(consumer, self._partitions)
            self._commit(consumer, self._partitions)
        finally:
            self._recall.close()
            self._partitions.clear()  # before the group is left: what was not committed here is not committed at all
            consumer.close()
        return False

    def _serve(self, messages: list[Any]) -> None:
        """Observe what was read, and go on only when the broker has all that came of it."""
        good = [message for message in messages if _is_good(message)]
        if good:
            self._rounds.works()
        ours = [(self._partitions.get((m.topic(), m.partition())), m) for m in good]
        movements: list[PriceMovement] = []
        for partition, message in ours:
            if partition is None:  # handed over while this was on its way
                continue
            sent_at = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
            if partition.told is None and partition.repeats(message.offset()):
                partition.told = self._recall.since(sent_at)
            movement = partition.observe(message.offset(), sent_at, message.value())
            movements += [] if movement is None else [movement]
        self._tell(movements)
        for partition, message in ours:
            if partition is not None:
                partition.done(message.offset())

    def _tell(self, movements: list[PriceMovement]) -> None:
        """Send until acknowledged. Raises Transient when it is to stop before that: then nothing of it is committed."""
        while movements:
            try:
                self._producer.deliver(Message(PRICE_ALERTS.name, m.key, encode(m)) for m in movements)
                self.told += len(movements)
                for m in movements:
                    log.info("%s of %s moved by %.2f %%", m.symbol, m.source, m.percent)
                return
            except Transient as error:
                log.warning("%d movements wait: %s", len(movements), error)
                if self._rounds.stopping.wait(_AGAIN_S):
                    raise

    def _commit(self, consumer: Consumer, places: Iterable[Place]) -> None:
        """Keep the positions, and where the windows begin, of these of our partitions."""
        found = [(place, self._partitions[place].committable()) for place in places if place in self._partitions]
        offsets = [TopicPartition(*place, at[0], str(at[1])) for place, at in found if at is not None]
        if not offsets:
            return
        try:
            consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            log.warning("positions were not committed, they are at the next time: %s", error)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Read on from where the windows begin, and observe anew from where the last owner ended."""
        try:
            committed = consumer.committed(partitions, timeout=10)
        except KafkaException as error:
            raise Transient(f"the positions of {GROUP} cannot be had: {error.args[0].str()}") from error
        self._recall.close()  # others may have told of more since it was read
        starts = []
        for place in committed:
            begins_at, metadata = max(0, place.offset), place.metadata or ""
            first = int(metadata) if metadata.isdigit() else begins_at
            self._partitions[place.topic, place.partition] = Partition(place.topic, self._rules, begins_at)
            offset = min(first, begins_at) if place.offset >= 0 else place.offset
            starts.append(TopicPartition(place.topic, place.partition, offset))
        consumer.incremental_assign(starts)

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        places = [(p.topic, p.partition) for p in partitions]
        self._commit(consumer, places)
        self._forget(places)

    def _lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """The group took us for dead: others have these already."""
        self._forget([(p.topic, p.partition) for p in partitions])

    def _forget(self, places: Iterable[Place]) -> None:
        for place in places:
            self._partitions.pop(place, None)


def _is_good(message: Any) -> bool:
    error = message.error()
    if error is None:
        return True
    if error.fatal():
        raise Transient(f"the group {GROUP} is left and joined again: {error.str()}")
    _say(error)
    return False


def _say(error: KafkaError) -> None:
    log.warning("Kafka: %s", error.str())
