from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from given_up import RUN, drain, failed, give_up, read, task

from include.contracts import dead_letters as names
from include.contracts.topics import PROCESSING_ERRORS, PROCESSING_TASKS
from include.errors import ConfigurationError, Transient
from include.review import states
from include.review.desk import Desk
from include.review.replay import as_message
from include.review.selection import Selection
from include.stack.ports import free_port
from include.stores.postgres import Database
from include.transport.codec import encode
from include.transport.producer import Message, Producer

pytestmark = pytest.mark.stack
TASKS = PROCESSING_TASKS.name
Kafka = dict[str, str]
EVERY = Selection(everything=True, states=("waiting", "replaying"))


def _state(database: Database) -> dict[str, str]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT symbol, state FROM dead_letters")
        return dict(cursor.fetchall())


def _replay(desk: Desk, selection: Selection = EVERY) -> object:
    letters, _missing = desk.wanted(selection)
    return desk.replay(letters, "ada", "the source is well again")


def test_a_replay_sends_the_original_bytes_once_with_one_replay_more(kafka: Kafka, database: Database) -> None:
    give_up(kafka, failed("AAPL", headers={"traceparent": "00-abc", names.REPLAY_COUNT: "2"}))
    drain(kafka, database)
    desk = Desk(database, kafka)
    assert len(_replay(desk).sent) == 1
    assert _replay(desk).sent == ()
    (again,) = read(kafka, TASKS)
    assert (again.key, again.value) == (b"AAPL", encode(task("AAPL")))
    assert again.headers.keys() == {"traceparent", names.REPLAY_COUNT, names.REPLAY_OF, names.FIRST_ORIGIN}
    assert again.headers[names.REPLAY_COUNT] == "3"
    assert json.loads(again.headers[names.FIRST_ORIGIN])["offset"] == 41
    assert _state(database) == {"AAPL": "replayed"}


def test_a_replayed_task_that_fails_again_keeps_its_first_origin_and_its_last_cause(
    kafka: Kafka, database: Database
) -> None:
    give_up(kafka, failed("AAPL", offset=41))
    drain(kafka, database)
    _replay(Desk(database, kafka))
    (again,) = read(kafka, TASKS)
    give_up(kafka, failed("AAPL", offset=977, headers=again.headers))
    first, second = sorted(read(kafka, PROCESSING_ERRORS.name), key=lambda r: r.offset)
    assert second.headers[names.ORIGIN_OFFSET] == "41"
    assert second.headers[names.REPLAY_COUNT] == "1"
    assert second.headers.keys() == first.headers.keys()


def test_draining_twice_keeps_a_letter_once(kafka: Kafka, database: Database) -> None:
    give_up(kafka, failed("AAPL"), failed("MSFT"))
    drain(kafka, database)
    drain(kafka, database)
    assert _state(database) == {"AAPL": "waiting", "MSFT": "waiting"}


def test_two_people_at_once_send_each_letter_once_and_the_loser_is_told(kafka: Kafka, database: Database) -> None:
    give_up(kafka, *(failed(f"S{n}") for n in range(60)))
    drain(kafka, database)
    desk = Desk(database, kafka)
    letters, _missing = desk.wanted(EVERY)
    with ThreadPoolExecutor(2) as people:
        done = list(people.map(lambda who: desk.replay(letters, who, "both try"), ("ada", "bob")))
    assert len(read(kafka, TASKS)) == 60
    assert sorted(done[0].sent + done[1].sent) == sorted(letter.id for letter in letters)
    told = done[0].refused | done[1].refused
    assert set(told.values()) == {"somebody else replayed or discarded it, or is doing so now"}
    assert len(told) == 60


@pytest.mark.parametrize("sent_before", [True, False])
def test_a_replay_cut_short_is_finished_without_sending_twice(
    kafka: Kafka, database: Database, sent_before: bool
) -> None:
    """A crash after the claim leaves the letter in `replaying`, sent or not; only the topic knows."""
    give_up(kafka, failed("AAPL"))
    drain(kafka, database)
    desk = Desk(database, kafka)
    (letter,), _missing = desk.wanted(EVERY)
    with database.transaction() as connection:
        states.claim(connection, [letter.id], "ada", "the machine dies next")
        (claimed,) = states.claimed(connection, [letter.id])
    assert desk.cut_short(Selection(everything=True)) == 1
    if sent_before:
        with Producer(kafka) as producer:
            producer.deliver([as_message(claimed)])
    done = _replay(desk)
    assert (done.sent, done.found_sent) == (((), (letter.id,)) if sent_before else ((letter.id,), ()))
    assert len(read(kafka, TASKS)) == 1
    assert _state(database) == {"AAPL": "replayed"}


def test_a_replay_without_a_broker_touches_no_letter(kafka: Kafka, database: Database) -> None:
    give_up(kafka, failed("AAPL"))
    drain(kafka, database)
    with pytest.raises(Transient, match="does not answer"):
        _replay(Desk(database, {"bootstrap.servers": f"127.0.0.1:{free_port()}"}))
    assert _state(database) == {"AAPL": "waiting"}


def test_a_replay_puts_the_task_back_to_pending(kafka: Kafka, database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO runs (run_id, request, started_at) VALUES (%s, '{}', now())", (RUN,))
        cursor.execute(
            "INSERT INTO tasks (run_id, stage, task_id, region, key, state)"
            " VALUES (%s, 'processing', %s, 'us', 'AAPL', 'failed')",
            (RUN, task("AAPL").task_id),
        )
    give_up(kafka, failed("AAPL"))
    drain(kafka, database)
    _replay(Desk(database, kafka))
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT state, replay_count FROM tasks")
        assert cursor.fetchall() == [("pending", 1)]


def test_a_letter_of_a_cancelled_run_or_of_a_foreign_topic_is_refused(kafka: Kafka, database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO runs (run_id, state, request, started_at, cancelled_at)"
            " VALUES ('gone', 'cancelled', '{}', now(), now())"
        )
    record, failure = failed("MSFT")
    elsewhere = type(record)(**{f: getattr(record, f) for f in record.__struct_fields__} | {"topic": "somebody-elses"})
    give_up(kafka, failed("AAPL", run_id="gone"), (elsewhere, failure))
    drain(kafka, database)
    done = _replay(Desk(database, kafka))
    assert done.sent == ()
    cancelled, foreign = sorted(done.refused.values())
    assert cancelled == "its run gone was cancelled"
    assert foreign.startswith("its topic None is none of ")
    assert "stock-scraping-tasks" in foreign
    assert set(_state(database).values()) == {"waiting"}


def test_garbage_can_be_kept_replayed_and_shown(kafka: Kafka, database: Database) -> None:
    record, failure = failed("AAPL")
    fields = {f: getattr(record, f) for f in record.__struct_fields__}
    garbage = type(record)(**fields | {"value": b"\xff\x00garbage", "key": None, "headers": {"odd": "nul \0 here"}})
    nameless = type(failure)(
        **{f: getattr(failure, f) for f in failure.__struct_fields__} | {"run_id": None, "task_id": None}
    )
    give_up(kafka, (garbage, nameless))
    drain(kafka, database)
    desk = Desk(database, kafka)
    (letter,), _missing = desk.wanted(EVERY)
    assert desk.opened(letter.id).value == "\\xff\x00garbage"
    assert _replay(desk).sent == (letter.id,)
    assert [(r.key, r.value) for r in read(kafka, TASKS)] == [(None, b"\xff\x00garbage")]


def test_letters_are_selected_by_id_cause_region_and_run(kafka: Kafka, database: Database) -> None:
    give_up(kafka, failed("AAPL"), failed("VOD.L", region="gb"), failed("MSFT", run_id="other"))
    drain(kafka, database)
    desk = Desk(database, kafka)

    def symbols(**filters: object) -> set[str | None]:
        return {letter.symbol for letter in desk.listed(Selection(**filters))[0]}

    assert symbols(region="gb") == {"VOD.L"}
    assert symbols(run_id="other") == {"MSFT"}
    (vodafone,), total = desk.listed(Selection(region="gb"))
    assert total == 1
    assert symbols(ids=(vodafone.id,)) == {"VOD.L"}
    assert symbols(fingerprint=vodafone.fingerprint, region="gb") == {"VOD.L"}
    assert symbols(states=("replayed",)) == set()
    assert desk.listed(Selection(), 1)[1] == 3


def test_a_discarded_letter_is_on_record_and_never_replayed(kafka: Kafka, database: Database) -> None:
    give_up(kafka, failed("AAPL"))
    drain(kafka, database)
    desk = Desk(database, kafka)
    letters, _missing = desk.wanted(EVERY)
    assert desk.discard(letters, "ada", "delisted") == [letters[0].id]
    assert desk.discard(letters, "bob", "delisted") == []
    opened = desk.opened(letters[0].id)
    assert [(a.action, a.actor, a.reason) for a in opened.actions] == [("discard", "ada", "delisted")]
    assert desk.replay(letters, "bob", "try").sent == ()
    assert desk.plan(desk.listed(Selection())[0]).refused == {letters[0].id: "it is discarded already"}
    assert read(kafka, TASKS) == []


def test_a_dry_run_changes_nothing(kafka: Kafka, database: Database) -> None:
    give_up(kafka, failed("AAPL"))
    drain(kafka, database)
    desk = Desk(database, kafka)
    letters, missing = desk.wanted(Selection(ids=(10_000,), everything=True))
    assert (letters, missing) == ([], [10_000])
    letters, _missing = desk.wanted(EVERY)
    assert desk.plan(letters).sent == (letters[0].id,)
    assert read(kafka, TASKS) == []
    assert _state(database) == {"AAPL": "waiting"}


def test_every_letter_is_meant_only_when_said() -> None:
    with pytest.raises(ConfigurationError, match="--all"):
        Selection(states=("waiting",)).required()
    assert Selection(everything=True).required().everything


def test_an_unknown_letter_is_named(database: Database, kafka: Kafka) -> None:
    with pytest.raises(ConfigurationError, match="no dead letter 7"):
        Desk(database, kafka).opened(7)


def test_a_foreign_message_on_an_errors_topic_is_kept_too(kafka: Kafka, database: Database) -> None:
    with Producer(kafka) as producer:
        producer.deliver([Message(PROCESSING_ERRORS.name, uuid.uuid4().hex, b"?", {names.REPLAY_COUNT: "many"})])
    drain(kafka, database)
    (letter,), _total = Desk(database, kafka).listed(Selection())
    assert (letter.stage, letter.exception_class, letter.replay_count) == ("processing", "Unknown", 0)
