"""Refusals of the brokers that no repetition changes: a person must allow something, or correct a secret."""

from __future__ import annotations

from confluent_kafka import KafkaError

_CREDENTIALS = frozenset(
    (
        KafkaError._AUTHENTICATION,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.ILLEGAL_SASL_STATE,
        KafkaError.UNSUPPORTED_SASL_MECHANISM,
    )
)
_PERMISSIONS = frozenset(
    (
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.SECURITY_DISABLED,
    )
)


def refused(error: KafkaError) -> bool:
    """Whether the brokers refuse this client, whatever it asks next."""
    return error.code() in _CREDENTIALS | _PERMISSIONS


def refusal_of(error: KafkaError) -> str:
    """What a refusal says, and what to do about it."""
    if error.code() in _CREDENTIALS:
        return f"{error.str()}; correct the KAFKA_SASL_… and KAFKA_SECURITY_PROTOCOL settings"
    return f"{error.str()}; give the user of KAFKA_SASL_USERNAME the right (an ACL) on the brokers"
