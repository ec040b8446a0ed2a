"""`stocks verify` proves a sound run and finds every way in which one can be unsound, on real topics and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from played_runs import Play

from include.contracts.quotes import Quote
from include.contracts.tasks import Stage, processing_task
from include.contracts.topics import (
    PROCESSING_COMPLETION,
    PROCESSING_TASKS,
    SCRAPING_COMPLETION,
    SCRAPING_TASKS,
    Topic,
)
from include.ledger.cancel import cancel
from include.ledger.verdict import conclude
from include.ledger.verify import Verification, verify
from include.orchestration.drain import drain
from include.stores.postgres import Database
from include.transport.codec import encode
from include.transport.producer import Message, Producer

pytestmark = pytest.mark.stack


class Place(NamedTuple):
    database: Database
    kafka: dict[str, str]
    producer: Producer

    def play(self, run_id: str, symbols: Sequence[str]) -> Play:
        return Play(self.database, self.producer, run_id, symbols)

    def drain(self) -> None:
        drain(self.kafka, self.database, failure_threshold=1.0)

    def verify(self, run_id: str = "r") -> Verification:
        return verify(self.database, self.kafka, run_id)

    def drain_and_verify(self) -> Verification:
        self.drain()
        with self.database.transaction() as connection:
            conclude(connection, "r", 1.0)
        return self.verify()


@pytest.fixture
def place(database: Database, kafka: dict[str, str]) -> Iterator[Place]:
    with Producer(kafka) as producer:
        yield Place(database, kafka, producer)


def _faults(found: Verification) -> dict[str, int]:
    return {fault.fault: fault.count for fault in found.faults}


def _sound(place: Place, run_id: str = "r") -> Play:
    play = place.play(run_id, [f"{run_id}-{n}" for n in range(4)])
    *rest, last = play.list_page(play.plan())
    for task in rest:
        play.process(task)
    play.fail(last)
    return play


def test_a_sound_run_is_proven_beside_another_one(place: Place) -> None:
    _sound(place)
    _sound(place, "other")
    found = place.drain_and_verify()
    assert (found.conclusion, found.faults) == ("proven", ())
    assert (found.sent, found.completed, found.failed, found.pending) == (5, 4, 1, 0)


def test_repeated_messages_are_counted_and_change_nothing(place: Place) -> None:
    play = _sound(place)
    again = processing_task("r", Quote("r-0", "us", play.now), play.now)
    play.send(Message(PROCESSING_TASKS.name, again.key, encode(again)))
    play.report(Stage.PROCESSING, play.completion(again))
    play.fail(processing_task("r", Quote("r-3", "us", play.now), play.now))
    found = place.drain_and_verify()
    assert (found.conclusion, found.duplicate_tasks, found.duplicate_outcomes) == ("proven", 1, 2)


def test_a_replay_is_proven_with_its_last_outcome(place: Place) -> None:
    play = _sound(place)
    play.fail(processing_task("r", Quote("r-3", "us", play.now), play.now), replay_count=1)
    assert place.drain_and_verify().conclusion == "proven"


def test_an_outcome_that_was_not_drained_is_found(place: Place) -> None:
    _sound(place)
    found = place.verify()
    assert found.conclusion == "not proven"
    assert _faults(found)["reported, but not drained"] == 5


def test_a_pending_task_is_not_proven(place: Place) -> None:
    play = place.play("r", ["A", "B"])
    first, _ = play.list_page(play.plan())
    play.process(first)
    found = place.drain_and_verify()
    assert (found.conclusion, found.pending) == ("not proven", 1)
    assert _faults(found) == {"still pending: the run goes on": 1}


def test_two_different_effects_of_one_task_are_found(place: Place) -> None:
    play = _sound(place)
    task = processing_task("r", Quote("r-0", "us", play.now), play.now)
    play.report(Stage.PROCESSING, play.other_effect(play.completion(task)))
    assert _faults(place.drain_and_verify()) == {"reported with two different effects": 1}


def test_a_completion_without_its_effect_or_its_ratios_is_found(place: Place) -> None:
    play = place.play("r", ["A"])
    (task,) = play.list_page(play.plan())
    play.report(Stage.PROCESSING, play.completion(task))
    assert _faults(place.drain_and_verify()) == {
        "reported as completed without a recorded effect": 1,
        "completed, but the stock has no ratios": 1,
    }


def test_tasks_that_only_one_side_knows_are_found(place: Place) -> None:
    play = _sound(place)
    stray = processing_task("r", Quote("STRAY", "us", play.now), play.now)
    play.send(Message(PROCESSING_TASKS.name, stray.key, encode(stray)))
    place.drain()
    with place.database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tasks (run_id, stage, task_id, region, key, state) "
            "VALUES ('r', 'processing', gen_random_uuid(), 'us', 'GHOST', 'completed')"
        )
    faults = _faults(place.verify())
    assert faults["sent, but not in the ledger"] == 1
    assert faults["in the ledger, but never sent"] == 1
    assert faults["the ledger says otherwise than the topics"] == 1


def test_a_ledger_that_was_changed_by_hand_is_found(place: Place) -> None:
    _sound(place)
    place.drain()
    with place.database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE tasks SET state = 'completed' WHERE key = 'r-3'")
    assert "the ledger says otherwise than the topics" in _faults(place.verify())


def test_a_cancelled_run_is_proven_too(place: Place) -> None:
    play = place.play("r", ["A", "B"])
    first, _ = play.list_page(play.plan())
    play.process(first)
    place.drain()
    with place.database.transaction() as connection:
        cancel(connection, "r", "cancelled by a test")
    found = place.verify()
    assert (found.conclusion, found.state, found.failed) == ("proven", "cancelled", 1)


def _delete_records(place: Place, topic: Topic) -> None:
    ends = [TopicPartition(topic.name, p, -1) for p in range(topic.partitions)]
    admin = AdminClient(place.kafka)  # it must outlive its answers
    for deleted in admin.delete_records(ends).values():
        deleted.result(30)


def test_past_the_retention_of_its_topics_a_run_is_unprovable(place: Place) -> None:
    _sound(place)
    place.drain()
    _delete_records(place, PROCESSING_COMPLETION)
    found = place.verify()
    assert found.conclusion == "unprovable"
    assert PROCESSING_COMPLETION.name in found.notes[0]


def test_a_run_after_a_pause_longer_than_the_retention_is_proven(place: Place) -> None:
    _sound(place, "earlier")
    place.drain()
    for topic in (SCRAPING_TASKS, PROCESSING_TASKS, SCRAPING_COMPLETION, PROCESSING_COMPLETION):
        _delete_records(place, topic)
    _sound(place)
    place.drain()
    assert place.verify().conclusion == "proven"


def test_the_verification_is_json_for_its_readers(place: Place) -> None:
    _sound(place)
    body = msgspec.json.decode(msgspec.json.encode(place.drain_and_verify()))
    assert body["sent"] == body["completed"] + body["failed"] + body["pending"]
