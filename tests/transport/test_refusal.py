from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from include.transport.refusal import refusal_of, refused


@pytest.mark.parametrize(
    ("code", "to_do"),
    [
        (KafkaError._AUTHENTICATION, "KAFKA_SASL_"),
        (KafkaError.SASL_AUTHENTICATION_FAILED, "KAFKA_SASL_"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, "ACL"),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, "ACL"),
        (KafkaError.CLUSTER_AUTHORIZATION_FAILED, "ACL"),
    ],
)
def test_a_refusal_says_what_a_person_must_do(code: int, to_do: str) -> None:
    error = KafkaError(code, "refused by the broker")
    assert refused(error)
    assert "refused by the broker" in refusal_of(error)
    assert to_do in refusal_of(error)


@pytest.mark.parametrize(
    "code",
    [KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError.NOT_COORDINATOR, KafkaError.UNKNOWN_TOPIC_OR_PART],
)
def test_what_may_pass_by_itself_is_no_refusal(code: int) -> None:
    assert not refused(KafkaError(code))
