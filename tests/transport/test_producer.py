from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from lying_on import bounds

from include.contracts.topics import PROCESSING_TASKS, TASK_MESSAGE_BYTES
from include.errors import Permanent, Transient
from include.transport.producer import Message, Producer

pytestmark = pytest.mark.stack
TASKS = PROCESSING_TASKS.name
Kafka = dict[str, str]
# A missing topic is given up after this; what goes to the others has all the time that it needs.
SOON_MISSED = {"topic.metadata.propagation.max.ms": "1000"}


def _messages_on(kafka: Kafka, topic: str) -> int:
    return sum(bounds(kafka, topic)[1].values())


def test_what_was_flushed_is_on_the_topic(kafka: Kafka) -> None:
    with Producer(kafka) as producer:
        for number in range(1000):
            producer.send(TASKS, f"S{number}", b"{}", {"x": "y"})
        producer.flush()
    assert _messages_on(kafka, TASKS) == 1000


def test_more_than_the_clients_queue_holds_is_sent_by_waiting(kafka: Kafka) -> None:
    with Producer(kafka | {"queue.buffering.max.messages": 50}) as producer:
        producer.deliver(Message(TASKS, None, b"{}") for _ in range(2000))
    assert _messages_on(kafka, TASKS) == 2000


def test_threads_share_a_producer_and_each_waits_for_its_own(kafka: Kafka) -> None:
    def deliver(number: int) -> str:
        topic = TASKS if number % 2 else "no-such-topic"
        try:
            producer.deliver([Message(topic, str(number), b"{}")])
        except Transient as error:
            return "does not exist" if "stocks topics" in str(error) else str(error)
        return "delivered"

    with Producer(kafka | SOON_MISSED) as producer, ThreadPoolExecutor(8) as threads:
        assert list(threads.map(deliver, range(8))) == ["does not exist", "delivered"] * 4


def test_a_flush_after_a_failed_message_raises_once(kafka: Kafka) -> None:
    with Producer(kafka | SOON_MISSED) as producer:
        producer.send("no-such-topic", "k", b"{}")
        with pytest.raises(Transient, match="does not exist"):
            producer.flush()
        producer.send(TASKS, "k", b"{}")
        producer.flush()


def test_a_message_too_large_is_permanent(kafka: Kafka) -> None:
    with Producer(kafka) as producer:
        for size in (TASK_MESSAGE_BYTES + 1, 4 * TASK_MESSAGE_BYTES):
            noise = Random(4711).randbytes(size)  # compressed, it stays as large
            with pytest.raises(Permanent, match=r"max\.message\.bytes"):
                producer.deliver([Message(TASKS, "k", noise)])


def test_without_a_broker_a_delivery_fails_in_time(unused_port: int) -> None:
    nobody = {"bootstrap.servers": f"127.0.0.1:{unused_port}", "log_level": 0}
    with Producer(nobody, timeout_s=0.5) as producer, pytest.raises(Transient, match="not acknowledged"):
        producer.deliver([Message(TASKS, "k", b"{}")])


@pytest.fixture
def unused_port() -> int:
    from include.stack.ports import free_port

    return free_port()
