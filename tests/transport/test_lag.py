"""How far groups are behind, as the brokers tell whoever asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from include.contracts.topics import PRICE_ALERTS, STOCK_PRICES
from include.errors import Transient
from include.monitor.routes import route_lags
from include.transport.lag import Lag, LagReader

pytestmark = pytest.mark.stack


T = TypeVar("T")


def _soon(question: Callable[[], T]) -> T:
    """The answer, once the broker has found its place: topics and groups are new to it."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return question()
        except (Transient, KafkaException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _commit(kafka: dict[str, str], group: str, topic: str, offset: int) -> None:
    consumer = Consumer(kafka | {"group.id": group})
    _soon(lambda: consumer.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False))
    consumer.close()


@pytest.fixture
def ten_prices(kafka: dict[str, str]) -> dict[str, str]:
    """A broker with ten messages in the first partition of stock-prices."""
    producer = Producer(kafka)
    for number in range(10):
        producer.produce(STOCK_PRICES.name, str(number).encode(), partition=0)
    assert producer.flush(60) == 0
    return kafka


def test_a_group_is_behind_by_what_it_has_not_committed(ten_prices: dict[str, str]) -> None:
    _commit(ten_prices, "stocks-sink-lag-stock-prices", STOCK_PRICES.name, 7)
    reader = LagReader(ten_prices)
    group = "stocks-sink-lag-stock-prices"
    assert group in reader.groups("stocks-sink-lag")
    assert _soon(lambda: reader.lags({group: STOCK_PRICES})) == (Lag(group, STOCK_PRICES.name, 3),)


def test_a_group_that_never_committed_is_behind_on_everything(ten_prices: dict[str, str]) -> None:
    reader = LagReader(ten_prices)
    found = _soon(lambda: reader.lags({"stocks-sink-none": STOCK_PRICES, "stocks-sink-quiet": PRICE_ALERTS}))
    assert [lag.behind for lag in found] == [10, 0]


def test_the_routes_are_known_by_their_groups(ten_prices: dict[str, str]) -> None:
    _commit(ten_prices, "stocks-sink-away-stock-prices", STOCK_PRICES.name, 0)
    env = {"KAFKA_BOOTSTRAP_SERVERS": ten_prices["bootstrap.servers"]}
    deadline = time.monotonic() + 60
    while (told := route_lags(env))[1] is not None and time.monotonic() < deadline:
        time.sleep(0.05)  # as in `_soon`
    found, unknown = told
    assert unknown is None
    assert Lag("stocks-sink-away-stock-prices", STOCK_PRICES.name, 10) in found


def test_brokers_that_are_away_are_named_soon(ten_prices: dict[str, str]) -> None:
    with pytest.raises(Transient, match=r"^Kafka at 127\.0\.0\.1:1 does not name its groups: [\w: ]+$"):
        LagReader({"bootstrap.servers": "127.0.0.1:1"}).groups("stocks-sink-")
    found, unknown = route_lags({})
    assert (found, "KAFKA_BOOTSTRAP_SERVERS is not set" in str(unknown)) == ((), True)
