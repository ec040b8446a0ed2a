"""What every feed process stands on: broker, database, quota, counts, and the wish to end."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

import msgspec

from include.contracts.corrections import TickCorrection
from include.contracts.prices import FeedMessage, Price, Tick, TradingAsset
from include.errors import ConfigurationError
from include.feeds.catalog import FeedRow
from include.feeds.http import Key, Sender
from include.settings import DatabaseSettings, KafkaSettings
from include.stores.postgres import Database
from include.transport.admin import check_topics
from include.transport.codec import encode
from include.transport.limits import vendor_limits
from include.transport.producer import Message, Producer
from include.transport.quota import Quota
from include.workers.feed_asking import Asking
from include.workers.feed_counts import FeedCounts

_CONNECTIONS = 4


class FeedPlace(msgspec.Struct, frozen=True):
    """The parts of one feed's process."""

    row: FeedRow
    producer: Producer
    database: Database
    counts: FeedCounts
    stop: threading.Event
    stack: ExitStack

    def asking(
        self, sender: Sender, quota: str | None, key: Key, retry_waits_s: tuple[float, ...] = (1.0, 2.0, 4.0)
    ) -> Asking:
        """The way to a vendor, under the quota that all processes with that key share; closed with the process."""
        self.stack.callback(sender.close)
        limits = vendor_limits(quota or self.row.quota)
        shared = Quota(self.database.transaction, self.row.source, limits, key=key.secret.get_secret_value())
        return Asking(sender, shared, self.counts, self.stop, retry_waits_s)

    def publish(self, messages: Sequence[FeedMessage]) -> int:
        """Send to the feed's topic and wait until all is acknowledged; -> how many. Raises Transient or Unfit."""
        self.producer.deliver(Message(self.row.topic.name, m.key, encode(m)) for m in messages)
        if messages:
            # A vendor's wrong clock must not hide the time that is still to come: gaps begin where this ends.
            self.counts.count_sent(len(messages), min(max(map(moment_of, messages)), datetime.now(UTC)))
        return len(messages)

    def correct(self, corrections: Sequence[TickCorrection]) -> None:
        """Send what the vendor took back, and wait until it is acknowledged. Raises Transient or Unfit."""
        topic = self.row.corrections
        if corrections and topic is not None:
            self.producer.deliver(Message(topic.name, c.key, encode(c)) for c in corrections)
            self.counts.count_corrections(len(corrections))


def moment_of(message: FeedMessage) -> datetime:
    """The moment that the vendor says the message is of."""
    match message:
        case Price():
            return message.price_at
        case TradingAsset():
            return message.updated_at
        case Tick():
            return message.ticked_at


def furnish(stack: ExitStack, row: FeedRow, environment: Mapping[str, str], stop: threading.Event) -> FeedPlace:
    """Connect to broker and database; ``stack`` closes them. Raises ConfigurationError or Transient."""
    kafka = KafkaSettings.from_env(environment).librdkafka()
    database = Database(DatabaseSettings.from_env(environment).connection, size=_CONNECTIONS)
    stack.callback(database.close)
    topics = [topic for topic in (row.topic, row.corrections) if topic is not None]
    for topic, state in zip(topics, check_topics(kafka, topics), strict=True):
        if not state.partitions:
            raise ConfigurationError(f"the topic {topic.name} does not exist; create it with: stocks topics")
    producer = stack.enter_context(
        Producer(kafka | {"client.id": f"feed-{row.name}", "compression.type": row.compression})
    )
    return FeedPlace(row, producer, database, FeedCounts(row.name), stop, stack)
