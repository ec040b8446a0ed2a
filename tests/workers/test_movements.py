"""The movement monitor on a real broker: nothing lost, nothing told twice, whoever dies."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import lying_on
import pytest

from include.contracts.prices import Price, PriceMovement, Tick, identify_price, identify_tick
from include.contracts.topics import MARKET_TICKS, PRICE_ALERTS, STOCK_PRICES
from include.settings import MovementSettings
from include.transport.admin import topic_ids
from include.transport.codec import decode, encode
from include.transport.producer import Message, Producer
from include.transport.span import SpanReader
from include.workers.movements import GROUP, MovementMonitor, rules_of
from include.workers.movements_partition import Partition

pytestmark = pytest.mark.stack

Kafka = dict[str, str]
START = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=20)
RULES = rules_of(MovementSettings.from_env({}))
PROGRAM = """
import json, sys, threading
from include.settings import MovementSettings
from include.transport.producer import Producer
from include.workers.movements import MovementMonitor, rules_of
kafka = json.loads(sys.argv[1])
MovementMonitor(kafka, Producer(kafka), rules_of(MovementSettings.from_env({})), "killed").start()
threading.Event().wait()
"""


def tick(after_s: float, price: float, symbol: str = "AAPL") -> Tick:
    at = START + timedelta(seconds=after_s)
    found = Tick(
        schema_version=1, tick_id=0, feed="alpaca-stocks", symbol=symbol, kind="trade", ticked_at=at, price=price
    )
    return identify_tick(found)


def send(kafka: Kafka, ticks: Iterable[Tick]) -> None:
    with Producer(kafka) as producer:
        producer.deliver(Message(MARKET_TICKS.name, t.key, encode(t)) for t in ticks)


def alerts(kafka: Kafka) -> list[PriceMovement]:
    """Everything on the topic of alerts."""
    reader = SpanReader(kafka, topic_ids(kafka, [PRICE_ALERTS]))
    try:
        span = reader.span([PRICE_ALERTS.name], START - timedelta(days=1))
        return sorted(
            (decode(record.value, PriceMovement) for record in reader.read(span)),
            key=lambda m: (m.moved_to_at, m.symbol),
        )
    finally:
        reader.close()


def eventually(condition: Callable[[], bool], what: str, timeout_s: float = 90.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}"
        time.sleep(0.1)


@contextmanager
def monitor(kafka: Kafka) -> Iterator[MovementMonitor]:
    with Producer(kafka) as producer:
        running = MovementMonitor(kafka, producer, RULES, "tested")
        running.start()
        try:
            yield running
        finally:
            running.stop()


def uncommitted(kafka: Kafka) -> int:
    """Messages of the ticks' topic that the group has not committed."""
    return lying_on.uncommitted(kafka, MARKET_TICKS.name, GROUP)


def short(movements: Iterable[PriceMovement]) -> list[tuple[str, float, float]]:
    return [(m.symbol, (m.moved_to_at - START).total_seconds(), round(m.percent, 6)) for m in movements]


def test_a_movement_is_told_on_its_topic_and_a_repeated_or_late_tick_tells_nothing_more(kafka: Kafka) -> None:
    first, last = tick(0, 100.0), tick(60, 103.0)
    send(kafka, [first, tick(30, 101.0), last, first, tick(20, 50.0), last])
    with monitor(kafka) as running:
        eventually(lambda: running.told == 1, "the movement is told")
        send(kafka, [tick(61, 0.0), tick(62, -5.0), tick(0, 100.0, "MSFT"), tick(90, 90.0, "MSFT")])
        eventually(lambda: running.told == 2, "the other symbol's movement is told")
        assert running.health()["healthy"]
        assert running.health()["symbols"] == 2
    assert short(alerts(kafka)) == [("AAPL", 60, 3.0), ("MSFT", 90, -10.0)]
    assert uncommitted(kafka) == 0


def test_the_prices_of_a_polled_feed_are_watched_too(kafka: Kafka) -> None:
    def price(days: int, value: float) -> Message:
        at = START - timedelta(days=3 - days)
        found = identify_price(
            Price(price_id="", source="polygon", symbol="IBM", price=value, price_at=at, observed_at=at)
        )
        return Message(STOCK_PRICES.name, found.key, encode(found))

    with Producer(kafka) as producer:
        producer.deliver([price(0, 100.0), price(1, 104.0), price(2, 94.0)])
    with monitor(kafka) as running:
        eventually(lambda: running.told == 1, "the movement is told")
    (found,) = alerts(kafka)
    assert (found.source, found.symbol, round(found.percent, 6)) == ("polygon", "IBM", -9.615385)  # 94 / 104 - 1


def test_a_restart_loses_no_window_and_tells_nothing_twice(kafka: Kafka) -> None:
    send(kafka, [tick(0, 100.0), tick(10, 102.0), tick(60, 102.5), tick(70, 100.0, "MSFT")])
    with monitor(kafka) as running:
        eventually(lambda: running.told == 1, "the first movement is told")
        eventually(lambda: uncommitted(kafka) == 0, "all is committed")
    # 102.5 to 100.4 is 2.05 percent down; from 100.0, before the restart of the window, there is nothing.
    send(kafka, [tick(80, 102.2), tick(90, 100.4), tick(100, 101.0, "MSFT"), tick(110, 102.0, "MSFT")])
    with monitor(kafka) as running:
        eventually(lambda: running.told == 2, "the others are told")
    assert short(alerts(kafka)) == [
        ("AAPL", 10, 2.0),
        ("AAPL", 90, round((100.4 / 102.5 - 1) * 100, 6)),
        ("MSFT", 110, 2.0),
    ]


def halves() -> tuple[list[list[Tick]], set[str]]:
    """Ticks in two parts, and the ids of the movements that one who is not disturbed finds in them."""
    parts = [
        [tick(s, 100.0 + (s * 7 % 40) / 10, symbol) for s in range(begin, begin + 200) for symbol in ("AAPL", "MSFT")]
        for begin in (0, 200)
    ]
    undisturbed = Partition(MARKET_TICKS.name, RULES)
    seen = [undisturbed.observe(n, t.ticked_at, encode(t)) for n, t in enumerate(parts[0] + parts[1])]
    expected = {movement.movement_id for movement in seen if movement is not None}
    assert len(expected) > 20
    return parts, expected


def test_two_share_the_work_and_hand_it_over(kafka: Kafka) -> None:
    parts, expected = halves()
    with monitor(kafka) as second:
        with monitor(kafka) as first:
            eventually(lambda: min(m.health()["partitions"] for m in (first, second)) > 0, "both have partitions")
            send(kafka, parts[0])
            eventually(lambda: uncommitted(kafka) == 0, "the first half is committed")
            told = first.told
        send(kafka, parts[1])
        eventually(lambda: uncommitted(kafka) == 0, "all is committed")
        assert told + second.told == len(expected)
    assert {m.movement_id for m in alerts(kafka)} == expected


def test_one_that_is_killed_is_followed_by_one_that_tells_the_same(kafka: Kafka) -> None:
    parts, expected = halves()
    send(kafka, parts[0])
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, json.dumps(kafka)])
    try:
        eventually(lambda: bool(alerts(kafka)), "it tells something")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    send(kafka, parts[1])
    with monitor(kafka):
        eventually(lambda: uncommitted(kafka) == 0, "all is committed")
    assert {m.movement_id for m in alerts(kafka)} == expected
