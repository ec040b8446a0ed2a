"""`regional_scrape` from its form to its end, run by Airflow itself against a real broker and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import pytest
from confluent_kafka import Consumer
from played_runs import Play

from include.contracts.tasks import ScrapingTask
from include.contracts.topics import SCRAPING_TASKS
from include.ledger.progress import RunProgress, progress, resolve
from include.orchestration.drain import drain
from include.orchestration.marking import cancel_if_marked
from include.stack.database import database_variables
from include.stores.postgres import Database
from include.transport.codec import decode
from include.transport.producer import Producer

pytestmark = [pytest.mark.airflow, pytest.mark.stack, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def place(
    postgres: Any, database: Database, kafka: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """The environment that Airflow's tasks read, pointing at the real parts."""
    variables = database_variables(database.parameters) | {
        "KAFKA_BOOTSTRAP_SERVERS": kafka["bootstrap.servers"],
        "AIRFLOW_CONN_KAFKA_DEFAULT": json.dumps({"conn_type": "kafka", "extra": kafka}),
        "RUN_FAILURE_THRESHOLD": "0.2",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    yield database


class Workers:
    """What lists and fetches meanwhile: every page has ``symbols``, the first ``failures`` of which fail."""

    def __init__(self, database: Database, kafka: dict[str, str], symbols: list[str], failures: int = 0) -> None:
        self._database, self._kafka, self._symbols, self._failures = database, kafka, symbols, failures
        self._stop = Event()
        self._thread = Thread(target=self._work)
        self.failed: Exception | None = None

    def __enter__(self) -> Workers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self.failed is not None:
            raise self.failed

    def _work(self) -> None:
        reader = Consumer(self._kafka | {"group.id": "workers", "auto.offset.reset": "earliest"})
        reader.subscribe([SCRAPING_TASKS.name])
        try:
            with Producer(self._kafka) as producer:
                while not self._stop.is_set():
                    for message in reader.consume(10, timeout=0.2):
                        if not message.error():
                            self._list(producer, decode(message.value(), ScrapingTask))
        except Exception as error:  # noqa: BLE001  shown by the test, not lost in a thread
            self.failed = error
        finally:
            reader.close()

    def _list(self, producer: Producer, page: ScrapingTask) -> None:
        play = Play(self._database, producer, page.run_id, self._symbols)
        for number, stock in enumerate(play.list_page(page)):
            if number < self._failures:
                play.fail(stock)
            else:
                play.process(stock)
        drain(self._kafka, self._database, failure_threshold=1.0)


def _run(dagbag: Any, conf: dict[str, Any]) -> Any:
    return dagbag.dags["regional_scrape"].test(run_conf=conf, logical_date=None, run_after=datetime.now(UTC))


def _latest(database: Database) -> RunProgress:
    with database.transaction() as connection:
        return progress(connection, resolve(connection, "latest"))


@pytest.mark.parametrize(("failures", "state"), [(1, "success"), (2, "failed")])
def test_a_run_ends_as_its_tasks_do(
    dagbag: Any, airflow_database: None, place: Database, kafka: dict[str, str], failures: int, state: str
) -> None:
    with Workers(place, kafka, ["A", "B", "C", "D", "E"], failures):
        dag_run = _run(dagbag, {"regions": ["us"], "market_cap_min": "100M", "market_cap_max": "1B"})
    assert dag_run.state == state
    run = _latest(place)
    assert (run.run_id, run.state) == (dag_run.run_id, "succeeded" if state == "success" else "failed")
    assert (run.counts.completed, run.counts.failed, run.counts.pending) == (6 - failures, failures, 0)


def test_a_minimum_above_its_maximum_fails_in_the_plan(dagbag: Any, airflow_database: None, place: Database) -> None:
    dag_run = _run(dagbag, {"regions": ["us"], "market_cap_min": "1B", "market_cap_max": "100M"})
    assert dag_run.state == "failed"
    with place.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM runs")
        assert cursor.fetchone() == (0,)


def test_only_a_mark_by_hand_cancels_a_run(place: Database) -> None:
    from made_runs import START, request

    from include.ledger.opening import open_run

    with place.transaction() as connection:
        open_run(connection, "r", request("us"), START)
    assert not cancel_if_marked("regional_scrape", "r", "task_failure")
    assert not cancel_if_marked("another_dag", "r", "Dag Run's state was manually set to `failed`.")
    assert cancel_if_marked("regional_scrape", "r", "Dag Run's state was manually set to `failed`.")
    assert _latest(place).state == "cancelled"
