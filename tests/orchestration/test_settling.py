"""How a run's end is brought about: gaps listed again, stalls named, runs of a dead Airflow reconciled."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import msgspec
import pytest
from confluent_kafka import Consumer
from made_runs import START, listed, request
from played_runs import Play

from include.contracts.tasks import ScrapingTask
from include.contracts.topics import SCRAPING_TASKS
from include.ledger.fold import fold
from include.ledger.opening import open_run
from include.ledger.outcome import from_completion
from include.ledger.progress import progress
from include.orchestration.place import Place
from include.orchestration.reconcile import reconcile
from include.orchestration.settling import send_pages, settle, stall
from include.settings import HistorySettings, RunSettings
from include.stores.postgres import Database
from include.transport.codec import decode
from include.transport.producer import Producer

pytestmark = pytest.mark.stack


@pytest.fixture
def here(database: Database, kafka: dict[str, str]) -> Place:
    return Place(database, dict(kafka), RunSettings.from_env({}), HistorySettings.from_env({}))


@pytest.fixture
def play(database: Database, kafka: dict[str, str]) -> Iterator[Play]:
    with Producer(kafka) as producer:
        yield Play(database, producer, "r", ["A"])


def _sent_pages(kafka: dict[str, str], count: int) -> list[ScrapingTask]:
    reader = Consumer(kafka | {"group.id": "test", "auto.offset.reset": "earliest"})
    found: list[ScrapingTask] = []
    reader.subscribe([SCRAPING_TASKS.name])
    try:
        for _ in range(300):
            found += [decode(m.value(), ScrapingTask) for m in reader.consume(100, timeout=0.1) if not m.error()]
            if len(found) >= count:
                break
    finally:
        reader.close()
    return found


def test_a_gap_is_listed_again_before_the_run_ends(here: Place, kafka: dict[str, str]) -> None:
    page = listed("r", "us", 0, [], announced=2)
    with here.database.transaction() as connection:
        open_run(connection, "r", request("us"), START)
        fold(connection, [from_completion(page)])
    assert settle(here, "r").state == "running"
    (again,) = _sent_pages(kafka, 1)
    assert (again.listing, again.page, again.region) == (2, 0, "us")
    with here.database.transaction() as connection:
        fold(connection, [from_completion(msgspec.structs.replace(page, task_id=again.task_id, listing=2))])
    assert settle(here, "r").state == "succeeded"


def test_pages_that_an_earlier_attempt_may_not_have_sent_are_sent(here: Place, kafka: dict[str, str]) -> None:
    with here.database.transaction() as connection:
        (task,) = open_run(connection, "r", request("us"), START)
    send_pages(here, "r")
    assert _sent_pages(kafka, 1) == [task]


def _be_quiet(here: Place) -> None:
    """Nothing was heard of any run for an hour."""
    with here.database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE runs SET resumed_at = now() - interval '1 hour', last_outcome_at = NULL")


def test_outcomes_that_come_after_the_trigger_has_fired_end_the_stall(here: Place) -> None:
    with here.database.transaction() as connection:
        open_run(connection, "r", request("us"), START)
    _be_quiet(here)
    with here.database.transaction() as connection:
        fold(connection, [from_completion(listed("r", "us", 0, []))])
    assert stall(here, "r").state == "running"
    assert settle(here, "r").state == "succeeded"


def test_a_stall_names_the_topic_that_lags(here: Place, play: Play) -> None:
    play.list_page(play.plan())
    _be_quiet(here)
    verdict = stall(here, "r")
    assert verdict.state == "failed"
    assert "scraping-completion lags: 1 outcomes are not drained" in (verdict.reason or "")
    assert "stock-scraping-tasks lags: 1 scraping tasks are pending" in (verdict.reason or "")


@pytest.mark.parametrize(
    ("dag_run", "state", "reason"),
    [
        ("running", "running", None),
        ("queued", "running", None),
        ("failed", "failed", "its DAG run ended as failed"),
        (None, "failed", "its DAG run was deleted"),
    ],
)
def test_the_ledger_learns_that_a_dag_run_is_over(
    database: Database, dag_run: str | None, state: str, reason: str | None
) -> None:
    with database.transaction() as connection:
        open_run(connection, "r", request("us"), START)
    asked = Event()

    def state_of(run_id: str) -> str | None:
        assert run_id == "r"
        asked.set()
        return dag_run

    reconcile(database, state_of)
    assert asked.is_set()
    with database.transaction() as connection:
        run = progress(connection, "r")
    assert (run.state, run.reason, run.counts.pending) == (state, reason, 1)
