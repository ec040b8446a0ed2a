"""A source that refuses one task while it answers others, on a real broker and a real PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from lying_on import read
from trial import RUN, completed, message

from include.contracts.dead_letters import ATTEMPTS, DISPOSITION
from include.contracts.tasks import ProcessingTask, Stage
from include.contracts.topics import PROCESSING_COMPLETION, PROCESSING_ERRORS, PROCESSING_TASKS
from include.errors import Transient
from include.stores.postgres import Database
from include.transport.pauses import ENOUGH_ANSWERS
from include.transport.producer import Producer
from include.transport.quota import Quota
from include.transport.record import Record
from include.workers import effects
from include.workers.breaker import Breaker
from include.workers.handler import Attempt, Effect
from include.workers.lanes import Delivery
from include.workers.metrics import Metrics
from include.workers.retry import Retry
from include.workers.window import Window
from include.workers.work import Means, Work

pytestmark = pytest.mark.stack
Kafka = dict[str, str]


class Refusing:
    """Is refused ``times`` times, while ``others`` are answered before each refusal."""

    stage = Stage.PROCESSING
    task_type = ProcessingTask
    source = "yahoo"

    def __init__(self, database: Database, quota: Quota, times: int, others: int) -> None:
        self._database = database
        self._quota = quota
        self._left = times
        self._others = others

    def handle(self, task: ProcessingTask, attempt: Attempt) -> Effect:
        for _ in range(self._others):
            self._quota.answered()
        if self._left:
            self._left -= 1
            raise Transient("HTTP 429", retry_after_s=0.0, source=self.source)
        with self._database.transaction() as connection:
            return effects.record(connection, self.stage, completed(task, attempt))

    def close(self) -> None:
        """Nothing is held."""


def _serve(kafka: Kafka, database: Database, times: int, others: int) -> None:
    quota = Quota(database.transaction, "yahoo")
    with Producer(kafka) as producer:
        means = Means(
            worker="one",
            group="stocks-processing-workers",
            database=database,
            producer=producer,
            quota=quota,
            retry=Retry(attempts=3, base_s=0.001),
            breaker=Breaker(),
            metrics=Metrics(Stage.PROCESSING),
            cancelled=frozenset,
            scrub=str,
            stop=threading.Event(),
        )
        sent = message("AAPL")
        record = Record("id", PROCESSING_TASKS.name, 0, 0, datetime.now(UTC), b"AAPL", sent.value)
        window = Window(PROCESSING_TASKS.name, 0)
        Work(Refusing(database, quota, times, others), means).serve(Delivery(record, window))


def test_a_task_that_alone_is_refused_time_and_again_is_given_up(kafka: Kafka, database: Database) -> None:
    _serve(kafka, database, times=1000, others=ENOUGH_ANSWERS)
    (letter,) = read(kafka, PROCESSING_ERRORS.name)
    assert (letter.headers[DISPOSITION], letter.headers[ATTEMPTS]) == ("exhausted", "3")


def test_a_task_that_is_refused_as_everybody_is_waits_as_long_as_that_lasts(kafka: Kafka, database: Database) -> None:
    _serve(kafka, database, times=40, others=0)
    (done,) = read(kafka, PROCESSING_COMPLETION.name)
    assert done.key == b"AAPL"
    assert read(kafka, PROCESSING_ERRORS.name) == []
    assert RUN in (done.value or b"").decode()
