from __future__ import annotations

from concurrent.futures import Future

import pytest

from include.contracts.topics import TOPICS, Topic
from include.errors import Transient
from include.stack.ports import free_port
from include.transport.admin import answered, check_topics, cluster_id, create_topics, topic_ids

pytestmark = pytest.mark.stack
Kafka = dict[str, str]
OURS = Topic("extra", 3, 60_000, 10**6)


def test_topics_are_made_once_with_partitions_and_retention(kafka: Kafka) -> None:
    (first,) = create_topics(kafka, [OURS])
    (second,) = create_topics(kafka, [OURS])
    assert (first.created, first.partitions, first.faults) == (True, 3, ())
    assert (second.created, second.partitions, second.faults) == (False, 3, ())


def test_the_whole_table_is_as_it_should_be(kafka: Kafka) -> None:
    assert {s.name: (s.partitions, s.faults) for s in check_topics(kafka)} == {
        t.name: (t.partitions, ()) for t in TOPICS
    }


def test_a_topic_that_differs_is_named_and_not_changed(kafka: Kafka) -> None:
    create_topics(kafka, [OURS])
    (state,) = create_topics(kafka, [Topic("extra", 5, 120_000, 10**6)])
    assert state.faults == ("3 partitions instead of 5", "retention.ms=60000 instead of 120000")
    assert check_topics(kafka, [OURS])[0].faults == ()


def test_a_missing_topic_is_said_to_be_missing(kafka: Kafka) -> None:
    (state,) = check_topics(kafka, [Topic("missing", 1, -1, -1)])
    assert (state.partitions, state.faults) == (0, ("it does not exist",))


def test_topics_and_the_cluster_have_ids(kafka: Kafka) -> None:
    ids = topic_ids(kafka)
    assert ids.keys() == {t.name for t in TOPICS}
    assert len(set(ids.values())) == len(TOPICS)
    assert len(cluster_id(kafka)) == 22


def test_a_broker_that_does_not_answer_is_transient_and_named_with_what_to_look_at() -> None:
    place = f"127.0.0.1:{free_port()}"
    with pytest.raises(Transient, match=f"Kafka at {place} does not answer: .*KAFKA_BOOTSTRAP_SERVERS"):
        cluster_id({"bootstrap.servers": place}, timeout_s=1)


def test_a_question_that_the_client_forgot_is_not_waited_for_without_end() -> None:
    forgotten: Future[str] = Future()  # what is left of a question when its client is collected
    with pytest.raises(Transient, match="no answer within"):
        answered(forgotten, within_s=0.01)
