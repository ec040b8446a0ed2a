"""Tasks, a handler and a worker process for the tests of the loop: the parts are real, the work is small."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lying_on

from include.contracts.outcomes import ProcessingCompleted
from include.contracts.quotes import Quote
from include.contracts.tasks import ProcessingTask, Stage, processing_task
from include.contracts.topics import PROCESSING_TASKS
from include.errors import Permanent, Transient, Unfit
from include.stack.database import database_variables
from include.stores.postgres import Database
from include.transport.codec import encode
from include.transport.producer import Message, Producer
from include.workers import effects
from include.workers.handler import Attempt, Effect, Workplace

HERE = Path(__file__).resolve().parent
PROJECT = Path(__file__).resolve().parents[2]
RUN = "manual__2026-11-21T08:00:00+00:00"
AT = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)


def task(symbol: str, run_id: str = RUN) -> ProcessingTask:
    return processing_task(run_id, Quote(symbol, "us", AT), AT)


def message(symbol: str, run_id: str = RUN, headers: Mapping[str, str] | None = None) -> Message:
    return Message(PROCESSING_TASKS.name, symbol, encode(task(symbol, run_id)), headers or {})


def send(kafka: Mapping[str, Any], *messages: Message) -> None:
    with Producer(kafka) as producer:
        producer.deliver(messages)


def completed(task: ProcessingTask, attempt: Attempt) -> Effect:
    """What a task that went well leaves behind."""
    return Effect(
        ProcessingCompleted(
            task_id=task.task_id,
            run_id=task.run_id,
            region=task.region,
            symbol=task.symbol,
            key=task.key,
            rows=1,
            ok=1,
            attempts=attempt.number,
            replay_count=attempt.replay_count,
            started_at=attempt.started_at,
            finished_at=datetime.now(UTC),
            worker=attempt.worker,
        )
    )


class Trial:
    """A handler whose work is a row in a table; a symbol's name says what happens to it.

    BAD... is Permanent, DOWN... Transient, UNFIT... Unfit, BUG... a bug; WAIT... waits until a file
    of that name exists in the worker's home; LIMITED... is refused once, as everybody is.
    """

    stage = Stage.PROCESSING
    task_type = ProcessingTask
    source = "yahoo"

    def __init__(self, database: Database, home: Path, permit: Callable[[], None]) -> None:
        self._database = database
        self._home = home
        self._permit = permit

    def handle(self, task: ProcessingTask, attempt: Attempt) -> Effect:
        self._permit()
        note(self._database, "begun", task.symbol, attempt)
        self._happen(task.symbol)
        done = completed(task, attempt)
        with self._database.transaction() as connection:
            with connection.cursor() as cursor:
                cursor.execute(_NOTE, ("done", task.symbol, attempt.worker, attempt.number, task.run_id))
            return effects.record(connection, self.stage, done)

    def close(self) -> None:
        """Nothing is held."""

    def _happen(self, symbol: str) -> None:
        if symbol.startswith("BAD"):
            raise Permanent(f"{symbol} is unknown to the source; it may be delisted")
        if symbol.startswith("DOWN") and not (self._home / "up").exists():
            raise Transient(f"no answer for {symbol}")
        if symbol.startswith("LIMITED") and not (self._home / symbol).exists():
            (self._home / symbol).touch()
            raise Transient("HTTP 429", retry_after_s=0.5, source=self.source)
        if symbol.startswith("UNFIT"):
            raise Unfit("this worker has no browser")
        if symbol.startswith("BUG"):
            raise KeyError(symbol)
        if symbol.startswith("WAIT"):
            eventually((self._home / symbol).exists, f"the test lets {symbol} go on", within_s=280)


_NOTE = "INSERT INTO notes (what, symbol, worker, attempt, run_id) VALUES (%s, %s, %s, %s, %s)"


def prepare(database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE notes (n bigserial, what text, symbol text, worker text, attempt int, run_id text)"
        )


def note(database: Database, what: str, symbol: str, attempt: Attempt) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(_NOTE, (what, symbol, attempt.worker, attempt.number, RUN))


def notes(database: Database, what: str = "done") -> list[str]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT symbol FROM notes WHERE what = %s ORDER BY n", (what,))
        return [row[0] for row in cursor.fetchall()]


def build(place: Workplace) -> Trial:
    return Trial(place.database, place.home, place.permit)


def eventually(holds: Callable[[], object], what: str, within_s: float = 90) -> Any:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s:g} s in vain: {what}")
        time.sleep(0.02)
    return found


def uncommitted(kafka: Mapping[str, Any], topic: str, group: str = "stocks-processing-workers") -> int:
    """How many messages of a topic its workers have not committed."""
    return lying_on.uncommitted(kafka, topic, group)


def environment(kafka: Mapping[str, Any], database: Database, home: Path) -> dict[str, str]:
    """The settings of a worker's process."""
    return database_variables(database.parameters) | {
        "STOCKS_HOME": str(home),
        "KAFKA_BOOTSTRAP_SERVERS": kafka["bootstrap.servers"],
        "TASK_ATTEMPTS": "3",
        "MIN_FREE_DISK_MIB": "1",
    }


@contextmanager
def worker(env: Mapping[str, str], name: str, *, concurrency: int = 4) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of its own, killed at the end of the block if it still runs."""
    home = Path(env["STOCKS_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    code = f"import trial; trial.main({name!r}, {concurrency})"
    with (home / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{PROJECT}:{HERE.parent}:{HERE}"} | dict(env),
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def main(name: str, concurrency: int) -> None:
    """The worker process's own entry; a failure ends it as it ends `stocks`."""
    from include.errors import StocksError
    from include.workers.worker import Order, run_worker

    try:
        run_worker(Order(Stage.PROCESSING, concurrency, name), dict(os.environ), build)
    except StocksError as error:
        sys.exit(f"{type(error).__name__}: {error}")
