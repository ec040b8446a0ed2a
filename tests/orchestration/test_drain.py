"""The outcome topics into the ledger: all of them, once, whatever lies between (real broker, real PostgreSQL)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from played_runs import Play

from include.contracts import dead_letters as names
from include.contracts.topics import PROCESSING_COMPLETION, PROCESSING_ERRORS
from include.ledger.progress import Counts, progress
from include.orchestration.backlog import LEDGER_GROUP, backlog, consumer, waits
from include.orchestration.drain import drain
from include.stores.postgres import Database
from include.transport.producer import Message, Producer

pytestmark = pytest.mark.stack


@pytest.fixture
def play(database: Database, kafka: dict[str, str]) -> Iterator[Play]:
    with Producer(kafka) as producer:
        yield Play(database, producer, "r", ["A", "B", "C"])


def _counts(database: Database) -> Counts:
    with database.transaction() as connection:
        return progress(connection, "r").counts


def _rows(database: Database, table: str) -> int:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _eventually(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


def _rewind(kafka: dict[str, str]) -> None:
    """As if the drain had died before its commit."""
    reader = consumer(kafka)
    ends = backlog(reader).ends
    reader.commit(offsets=[TopicPartition(t, p, 0) for t, p in ends], asynchronous=False)
    reader.close()


def test_a_drain_reads_to_the_end_and_a_second_one_finds_nothing(
    database: Database, kafka: dict[str, str], play: Play
) -> None:
    first, second, _ = play.list_page(play.plan())
    play.process(first)
    play.fail(second)
    taken = drain(kafka, database, failure_threshold=1.0)
    assert (taken.new, taken.unreadable, taken.run_ids) == (3, 0, ("r",))
    assert _counts(database) == Counts(completed=2, failed=1, pending=1)
    assert _rows(database, "dead_letters") == 1
    assert drain(kafka, database, failure_threshold=1.0).new == 0


def test_a_drain_that_died_before_its_commit_repeats_and_changes_nothing(
    database: Database, kafka: dict[str, str], play: Play
) -> None:
    first, second, third = play.list_page(play.plan())
    play.process(first)
    play.fail(second)
    drain(kafka, database, failure_threshold=1.0)
    before = _counts(database)
    _rewind(kafka)
    play.process(third)
    assert drain(kafka, database, failure_threshold=1.0).new == 1
    assert _counts(database) == Counts(before.completed + 1, before.failed, 0)
    assert (_rows(database, "dead_letters"), _rows(database, "drained_outcomes")) == (1, 4)


@pytest.mark.parametrize(
    "poison",
    [
        Message(PROCESSING_COMPLETION.name, "A", b"not json"),
        Message(PROCESSING_COMPLETION.name, "A", b'{"run_id": "r"}'),
        Message(PROCESSING_COMPLETION.name, "A", None),
        Message(PROCESSING_ERRORS.name, "A", b"garbage"),
        Message(PROCESSING_ERRORS.name, "A", b"{}", {names.RUN_ID: "r", names.TASK_ID: "no uuid", names.STAGE: "x"}),
        Message(PROCESSING_ERRORS.name, "A\0", b"{}", {names.RUN_ID: "r\0", names.MESSAGE: "a\0b"}),
    ],
    ids=["garbage", "a part", "nothing", "a letter of no task", "a letter of a wrong task", "a letter with NULs"],
)
def test_one_record_that_is_no_outcome_keeps_no_other_out(
    database: Database, kafka: dict[str, str], play: Play, poison: Message
) -> None:
    first, *_ = play.list_page(play.plan())
    play.send(poison)
    play.process(first)
    taken = drain(kafka, database, failure_threshold=1.0)
    assert (taken.new, taken.unreadable) == (3, 1)
    assert _counts(database).completed == 2
    assert drain(kafka, database, failure_threshold=1.0).new == 0


def test_a_drain_stays_while_a_run_is_live_and_ends_with_it(
    database: Database, kafka: dict[str, str], play: Play
) -> None:
    task = play.plan()
    staying = Thread(target=drain, args=(kafka, database), kwargs={"failure_threshold": 1.0, "stay_s": 60.0})
    staying.start()
    for stock in play.list_page(task):
        play.process(stock)
    staying.join(timeout=50)
    assert not staying.is_alive()
    assert _counts(database) == Counts(completed=4)


def test_the_doorbell_rings_for_a_lag_that_nobody_reads(database: Database, kafka: dict[str, str], play: Play) -> None:
    reader = consumer(kafka)
    try:
        empty = backlog(reader)
        assert not waits(empty, None)
        first, _second, _third = play.list_page(play.plan())
        waiting = backlog(reader)
        assert waits(waiting, None)
        assert waits(waiting, empty)
        assert waits(backlog(reader), waiting)
        drain(kafka, database, failure_threshold=1.0)
        play.process(first)
        assert not waits(backlog(reader), waiting), "the group has moved: a drain is at work"
        assert backlog(reader).by_topic() == {PROCESSING_COMPLETION.name: 1}
    finally:
        reader.close()


def test_the_drain_joins_no_group(database: Database, kafka: dict[str, str], play: Play) -> None:
    play.list_page(play.plan())
    drain(kafka, database, failure_threshold=1.0)
    admin = AdminClient(kafka)
    group = admin.describe_consumer_groups([LEDGER_GROUP])[LEDGER_GROUP].result(30)
    assert group.members == []
