"""Topics, made explicitly and held against the topic table; the cluster's and the topics' ids."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

import msgspec
from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from include.contracts.topics import TOPICS, Topic
from include.errors import ConfigurationError, StocksError, Transient
from include.transport.refusal import refusal_of, refused

_TIMEOUT_S = 15.0
# The client answers every question within its own time-out, unless the client itself is gone; then nothing does.
_ANSWERED_WITHIN_S = _TIMEOUT_S + 5
_USE_BROKER_DEFAULT = -1
_HEARD = 16  # of what a client says unasked, the latest
# What a question ends with that never reached a broker, or whose answer never came.
_UNANSWERED = (KafkaError._TIMED_OUT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._RESOLVE)
_IN_STATE = re.compile(r" \(after \d+ms in state [^)]*\)")


class TopicState(msgspec.Struct, frozen=True):
    """A topic as it now is: ``created`` by this call, or found; ``faults`` are where it differs from the table."""

    name: str
    partitions: int
    created: bool
    faults: tuple[str, ...] = ()


def create_topics(settings: Mapping[str, Any], topics: Iterable[Topic] = TOPICS) -> list[TopicState]:
    """Create the topics that are missing and look at the others; safe to repeat, changes no existing topic.

    Raises Transient when the broker does not answer, ConfigurationError when it refuses us or a setting.
    """
    table = tuple(topics)
    admin = _Admin(settings)
    new = [NewTopic(t.name, t.partitions, replication_factor=_USE_BROKER_DEFAULT, config=t.config) for t in table]
    futures = admin.kafka.create_topics(new, request_timeout=_TIMEOUT_S)
    created = {t.name: _created(admin, t, futures[t.name]) for t in table}
    _wait_until_seen(admin, [t.name for t in table])
    return _look(admin, table, created)


def check_topics(settings: Mapping[str, Any], topics: Iterable[Topic] = TOPICS) -> list[TopicState]:
    """The topics as they are, creating none; a missing one has 0 partitions and says so.

    Raises Transient, and ConfigurationError when the broker refuses us.
    """
    table = tuple(topics)
    return _look(_Admin(settings), table, dict.fromkeys((t.name for t in table), False))


def cluster_id(settings: Mapping[str, Any], *, timeout_s: float = _TIMEOUT_S) -> str:
    """The Kafka cluster's own id, which a new cluster never repeats. Raises Transient, ConfigurationError."""
    admin = _Admin(settings)
    return str(admin.answer(admin.kafka.describe_cluster(request_timeout=timeout_s)).cluster_id)


def topic_ids(settings: Mapping[str, Any], topics: Iterable[Topic] = TOPICS) -> dict[str, str]:
    """Topic name -> the id that Kafka gave it, for those that exist; a topic deleted and made again has another.

    Raises Transient, ConfigurationError.
    """
    return watched_ids(settings, topics)()


def watched_ids(settings: Mapping[str, Any], topics: Iterable[Topic]) -> Callable[[], dict[str, str]]:
    """`topic_ids`, to be asked again and again by one client."""
    admin, names = _Admin(settings), [t.name for t in topics]
    return lambda: {name: str(d.topic_id) for name, d in _described(admin, names).items()}


def answered(future: Future[Any], within_s: float = _ANSWERED_WITHIN_S) -> Any:
    """What the brokers answered. Raises KafkaException, and Transient when no answer comes at all."""
    try:
        return future.result(within_s)
    except TimeoutError as error:
        raise Transient(f"Kafka's client gave no answer within {within_s:g} s") from error


class _Admin:
    """A client that is held while its answers are waited for: a collected one cancels its questions.

    A broker that refuses a client's credentials never answers its questions: it is heard of here.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._servers = settings["bootstrap.servers"]
        self._heard: deque[KafkaError] = deque(maxlen=_HEARD)
        # No reference to ourselves, or the client would outlive its use. Without a callback it prints what it says.
        listening = {"error_cb": self._heard.append, "log_level": 2}
        self.kafka = AdminClient(dict(settings) | listening)

    def answer(self, future: Future[Any]) -> Any:
        """What the brokers answered. Raises Transient, ConfigurationError."""
        try:
            return answered(future)
        except KafkaException as error:
            raise self.failure("Kafka did not do as it was asked", error) from error

    def failure(self, what: str, error: KafkaException) -> StocksError:
        """What a failed question means."""
        reason: KafkaError = error.args[0]
        self.kafka.poll(0)  # hear what was said meanwhile
        refusal = next(filter(refused, (reason, *self._heard)), None)
        if refusal is not None:
            return ConfigurationError(f"Kafka refuses us: {refusal_of(refusal)}")
        if reason.code() not in _UNANSWERED:
            return Transient(f"{what}: {reason.str()}")
        why = next((heard.str() for heard in self._heard if heard.code() != KafkaError._ALL_BROKERS_DOWN), reason.str())
        return Transient(
            f"Kafka at {self._servers} does not answer: {_IN_STATE.sub('', why)}. "
            "Check that it runs, and KAFKA_BOOTSTRAP_SERVERS; a local one is started with: stocks up"
        )


def _created(admin: _Admin, topic: Topic, future: Future[Any]) -> bool:
    try:
        answered(future)
    except KafkaException as error:
        reason: KafkaError = error.args[0]
        if reason.code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        if reason.code() in (KafkaError.INVALID_CONFIG, KafkaError.POLICY_VIOLATION, KafkaError.INVALID_PARTITIONS):
            raise ConfigurationError(f"Kafka refuses to create topic {topic.name}: {reason.str()}") from error
        raise admin.failure(f"topic {topic.name} could not be created", error) from error
    return True


def _wait_until_seen(admin: _Admin, names: list[str]) -> None:
    # The controller has them; the broker that answers learns of them a moment later.
    deadline = time.monotonic() + _TIMEOUT_S
    while missing := set(names) - set(_described(admin, names)):
        if time.monotonic() > deadline:
            raise Transient(f"Kafka made the topics, but does not show them: {', '.join(sorted(missing))}")
        time.sleep(0.05)


def _look(admin: _Admin, table: tuple[Topic, ...], created: Mapping[str, bool]) -> list[TopicState]:
    described = _described(admin, [t.name for t in table])
    there = [t for t in table if t.name in described]
    resources = [ConfigResource(ResourceType.TOPIC, t.name) for t in there]
    futures = admin.kafka.describe_configs(resources, request_timeout=_TIMEOUT_S) if resources else {}
    configs = {resource.name: admin.answer(future) for resource, future in futures.items()}
    return [_state(t, described.get(t.name), configs.get(t.name, {}), created[t.name]) for t in table]


def _described(admin: _Admin, names: list[str]) -> dict[str, Any]:
    futures = admin.kafka.describe_topics(TopicCollection(names), request_timeout=_TIMEOUT_S)
    found = {}
    for name, future in futures.items():
        try:
            found[name] = answered(future)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise admin.failure(f"Kafka does not describe topic {name}", error) from error
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
