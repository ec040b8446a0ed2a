"""Topics, made explicitly and held against the topic table; the cluster's and the topics' ids."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

import msgspec
from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from include.contracts.topics import TOPICS, Topic
from include.errors import ConfigurationError, Transient

_TIMEOUT_S = 15.0
# The client answers every question within its own time-out, unless the client itself is gone; then nothing does.
_ANSWERED_WITHIN_S = _TIMEOUT_S + 5
_USE_BROKER_DEFAULT = -1


class TopicState(msgspec.Struct, frozen=True):
    """A topic as it now is: ``created`` by this call, or found; ``faults`` are where it differs from the table."""

    name: str
    partitions: int
    created: bool
    faults: tuple[str, ...] = ()


def create_topics(settings: Mapping[str, Any], topics: Iterable[Topic] = TOPICS) -> list[TopicState]:
    """Create the topics that are missing and look at the others; safe to repeat, changes no existing topic.

    Raises Transient when the broker does not answer, ConfigurationError when it refuses a setting.
    """
    table = tuple(topics)
    admin = _client(settings)
    new = [NewTopic(t.name, t.partitions, replication_factor=_USE_BROKER_DEFAULT, config=t.config) for t in table]
    created = {t.name: _created(t, f) for t, f in zip(table, _pending(admin.create_topics, new), strict=True)}
    _wait_until_seen(admin, [t.name for t in table])
    return _look(admin, table, created)


def check_topics(settings: Mapping[str, Any], topics: Iterable[Topic] = TOPICS) -> list[TopicState]:
    """The topics as they are, creating none; a missing one has 0 partitions and says so. Raises Transient."""
    table = tuple(topics)
    admin = _client(settings)
    return _look(admin, table, dict.fromkeys((t.name for t in table), False))


def cluster_id(settings: Mapping[str, Any], *, timeout_s: float = _TIMEOUT_S) -> str:
    """The Kafka cluster's own id, which a new cluster never repeats. Raises Transient."""
    admin = _client(settings)  # held until the answer is there: a collected client cancels its questions
    return str(_answer(admin.describe_cluster(request_timeout=timeout_s)).cluster_id)


def topic_ids(settings: Mapping[str, Any], topics: Iterable[Topic] = TOPICS) -> dict[str, str]:
    """Topic name -> the id that Kafka gave it; a topic deleted and made again has another. Raises Transient."""
    admin = _client(settings)
    return {name: str(d.topic_id) for name, d in _described(admin, [t.name for t in topics]).items()}


def _client(settings: Mapping[str, Any]) -> AdminClient:
    # Errors come back by the calls themselves; without a callback the client prints them too.
    return AdminClient(dict(settings) | {"error_cb": lambda _error: None, "log_level": 2})


def _pending(create: Any, new: list[NewTopic]) -> list[Future[Any]]:
    futures: dict[str, Future[Any]] = create(new, request_timeout=_TIMEOUT_S)
    return [futures[t.topic] for t in new]


def _created(topic: Topic, future: Future[Any]) -> bool:
    try:
        answered(future)
    except KafkaException as error:
        reason: KafkaError = error.args[0]
        if reason.code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        if reason.code() in (KafkaError.INVALID_CONFIG, KafkaError.POLICY_VIOLATION, KafkaError.INVALID_PARTITIONS):
            raise ConfigurationError(f"Kafka refuses to create topic {topic.name}: {reason.str()}") from error
        raise Transient(f"topic {topic.name} could not be created: {reason.str()}") from error
    return True


def _wait_until_seen(admin: AdminClient, names: list[str]) -> None:
    # The controller has them; the broker that answers learns of them a moment later.
    deadline = time.monotonic() + _TIMEOUT_S
    while missing := set(names) - set(_described(admin, names)):
        if time.monotonic() > deadline:
            raise Transient(f"Kafka made the topics, but does not show them: {', '.join(sorted(missing))}")
        time.sleep(0.05)


def _look(admin: AdminClient, table: tuple[Topic, ...], created: Mapping[str, bool]) -> list[TopicState]:
    described = _described(admin, [t.name for t in table])
    there = [t for t in table if t.name in described]
    resources = [ConfigResource(ResourceType.TOPIC, t.name) for t in there]
    futures = admin.describe_configs(resources, request_timeout=_TIMEOUT_S) if resources else {}
    configs = {resource.name: _answer(future) for resource, future in futures.items()}
    return [_state(t, described.get(t.name), configs.get(t.name, {}), created[t.name]) for t in table]


def _described(admin: AdminClient, names: list[str]) -> dict[str, Any]:
    futures = admin.describe_topics(TopicCollection(names), request_timeout=_TIMEOUT_S)
    found = {}
    for name, future in futures.items():
        try:
            found[name] = answered(future)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise Transient(f"Kafka does not describe topic {name}: {error.args[0].str()}") from error
    return found


def _state(topic: Topic, description: Any, config: Mapping[str, Any], created: bool) -> TopicState:
    if description is None:
        return TopicState(topic.name, 0, False, ("it does not exist",))
    partitions = len(description.partitions)
    faults = [f"{partitions} partitions instead of {topic.partitions}"] if partitions < topic.partitions else []
    faults += [
        f"{name}={config[name].value} instead of {wanted}"
        for name, wanted in topic.config.items()
        if name in config and config[name].value != wanted
    ]
    return TopicState(topic.name, partitions, created, tuple(faults))


def _answer(future: Future[Any]) -> Any:
    try:
        return answered(future)
    except KafkaException as error:
        raise Transient(f"Kafka does not answer: {error.args[0].str()}") from error


def answered(future: Future[Any], within_s: float = _ANSWERED_WITHIN_S) -> Any:
    """What the brokers answered. Raises KafkaException, and Transient when no answer comes at all."""
    try:
        return future.result(within_s)
    except TimeoutError as error:
        raise Transient(f"Kafka's client gave no answer within {within_s:g} s") from error
