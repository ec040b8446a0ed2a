"""A run as workers would leave it on real topics and in real tables, with as many stocks as asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
from made_runs import WHOLE

from include.contracts import dead_letters as names
from include.contracts.outcomes import Child, Completed, ProcessingCompleted, ScrapingCompleted
from include.contracts.quotes import Quote
from include.contracts.tasks import ProcessingTask, ScrapingTask, Stage, processing_task
from include.contracts.topics import COMPLETIONS_OF, ERRORS_OF, TASKS_OF
from include.ledger.opening import open_run
from include.ledger.request import RunRequest
from include.stores.postgres import Database
from include.transport.codec import encode
from include.transport.producer import Message, Producer
from include.workers import effects
from include.workers.handler import Effect, Send


class Play:
    """One run of region ``us``; its steps are called in the order that the test is about."""

    def __init__(self, database: Database, producer: Producer, run_id: str, symbols: Sequence[str]) -> None:
        self.database, self.producer, self.run_id, self.symbols = database, producer, run_id, tuple(symbols)
        # Kafka keeps milliseconds.
        self.now = datetime.now(UTC).replace(microsecond=0)

    def plan(self) -> ScrapingTask:
        """Open the run and send its one page."""
        request = RunRequest(("us",), (WHOLE,), "api", self.now)
        with self.database.transaction() as connection:
            (task,) = open_run(connection, self.run_id, request, self.now)
        self.send(Message(TASKS_OF[Stage.SCRAPING].name, task.key, encode(task)))
        return task

    def list_page(self, task: ScrapingTask) -> list[ProcessingTask]:
        """The page's work: effect recorded, stocks sent, completion sent."""
        stocks = [processing_task(self.run_id, Quote(s, "us", self.now), self.now) for s in self.symbols]
        sends = tuple(Send(TASKS_OF[Stage.PROCESSING].name, s.key, encode(s)) for s in stocks)
        completion = ScrapingCompleted(
            task_id=task.task_id,
            run_id=task.run_id,
            region="us",
            band=str(task.band),
            page=0,
            key=task.key,
            announced=len(stocks),
            listed=len(stocks),
            children=tuple(Child(Stage.PROCESSING, s.task_id, s.key) for s in stocks),
            attempts=1,
            replay_count=0,
            started_at=self.now,
            finished_at=self.now,
            worker="w",
        )
        self.record(Stage.SCRAPING, completion, sends)
        self.send(*[Message(s.topic, s.key, s.value) for s in sends])
        self.report(Stage.SCRAPING, completion)
        return stocks

    def process(self, task: ProcessingTask) -> ProcessingCompleted:
        """A stock's work: ratios and effect in one transaction, then the completion."""
        completion = self.completion(task)
        with self.database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO financial_ratios (symbol, period_type, period_end, run_id, observed_at) "
                "VALUES (%s, 'annual', '2025-12-31', %s, now())",
                (task.symbol, self.run_id),
            )
        self.record(Stage.PROCESSING, completion)
        self.report(Stage.PROCESSING, completion)
        return completion

    def completion(self, task: ProcessingTask) -> ProcessingCompleted:
        return ProcessingCompleted(
            task_id=task.task_id,
            run_id=task.run_id,
            region="us",
            symbol=task.symbol,
            key=task.key,
            rows=1,
            ok=1,
            attempts=1,
            replay_count=0,
            started_at=self.now,
            finished_at=self.now,
            worker="w",
        )

    def fail(self, task: ProcessingTask, *, replay_count: int = 0) -> None:
        """A stock's dead letter."""
        headers = {
            names.RUN_ID: task.run_id,
            names.TASK_ID: task.task_id,
            names.STAGE: "processing",
            names.ORIGIN_TOPIC: TASKS_OF[Stage.PROCESSING].name,
            names.EXCEPTION_CLASS: "Permanent",
            names.MESSAGE: "no statements",
            names.ATTEMPTS: "1",
            names.REPLAY_COUNT: str(replay_count),
            names.LAST_FAILED_AT: self.now.isoformat(),
        }
        self.send(Message(ERRORS_OF[Stage.PROCESSING].name, task.key, encode(task), headers))

    def record(self, stage: Stage, completion: Completed, sends: Iterable[Send] = ()) -> None:
        with self.database.transaction() as connection:
            effects.record(connection, stage, Effect(completion, tuple(sends)))

    def report(self, stage: Stage, completion: Completed) -> None:
        self.send(Message(COMPLETIONS_OF[stage].name, completion.key, encode(completion)))

    def other_effect(self, completion: ProcessingCompleted) -> ProcessingCompleted:
        return msgspec.structs.replace(completion, ok=completion.ok + 1)

    def send(self, *messages: Message) -> None:
        self.producer.deliver(messages)
