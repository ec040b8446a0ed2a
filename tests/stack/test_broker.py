"""The local broker: a real Kafka, configured as promised."""

from __future__ import annotations

import psutil
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from include.contracts.topics import TOPICS
from include.stack.broker import LocalBroker
from include.stack.configuration import BROKER
from include.transport.admin import check_topics


def test_the_broker_has_our_topics_and_nothing_in_them(kafka: dict[str, str]) -> None:
    states = check_topics(kafka)
    assert [state.name for state in states] == [topic.name for topic in TOPICS]
    assert not [state.faults for state in states if state.faults]


def test_the_broker_runs_with_the_shared_settings(kafka: dict[str, str]) -> None:
    admin = AdminClient(kafka)
    (future,) = admin.describe_configs([ConfigResource(ResourceType.BROKER, "1")]).values()
    found = future.result(60)
    assert {n: found[n].value for n in BROKER if n in found} == {n: v for n, v in BROKER.items() if n in found}
    assert "share.coordinator.state.topic.min.isr" in found


def test_a_topic_that_nobody_made_is_not_made_by_writing_to_it(kafka: dict[str, str]) -> None:
    producer = Producer(kafka | {"message.timeout.ms": "1000"})
    failures: list[object] = []
    producer.produce("nobody-made-me", b"x", on_delivery=lambda error, _message: failures.append(error))
    producer.flush(60)
    assert failures[0] is not None
    assert "nobody-made-me" not in AdminClient(kafka).list_topics(timeout=30).topics


def test_the_broker_listens_on_the_loopback_alone(broker: LocalBroker) -> None:
    listening = {c.laddr for c in psutil.net_connections("tcp") if c.status == "LISTEN"}
    ours = {address.ip for address in listening if address.port == broker.port}
    assert ours <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert ours
