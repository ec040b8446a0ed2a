"""Dead letters as workers make them, drained into a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import lying_on

from include.contracts.dead_letters import Disposition
from include.contracts.quotes import Quote
from include.contracts.tasks import ProcessingTask, Stage, processing_task
from include.contracts.topics import PROCESSING_ERRORS, PROCESSING_TASKS
from include.errors import Permanent
from include.review.store import store
from include.stores.postgres import Database
from include.transport.admin import topic_ids
from include.transport.codec import encode
from include.transport.producer import Producer
from include.transport.record import Record
from include.workers.dead_letter import Failure, dead_letter

RUN = "manual__2026-11-21T08:00:00+00:00"
AT = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)


def task(symbol: str, run_id: str = RUN, region: str = "us") -> ProcessingTask:
    return processing_task(run_id, Quote(symbol, region, AT), AT)


def failed(
    symbol: str, *, offset: int = 41, headers: Mapping[str, str] | None = None, run_id: str = RUN, region: str = "us"
) -> tuple[Record, Failure]:
    """A task as it lay on its topic, and why it was given up."""
    given = task(symbol, run_id, region)
    record = Record("", PROCESSING_TASKS.name, 3, offset, AT, symbol.encode(), encode(given), dict(headers or {}))
    failure = Failure(
        error=Permanent(f"{symbol} is unknown"),
        disposition=Disposition.POISON,
        attempts=1,
        first_failed_at=AT,
        failed_at=AT,
        run_id=run_id,
        task_id=given.task_id,
    )
    return record, failure


def give_up(kafka: Mapping[str, Any], *cases: tuple[Record, Failure]) -> None:
    with Producer(kafka) as producer:
        producer.deliver(
            dead_letter(Stage.PROCESSING, "stocks-processing-workers", record, failure, str)
            for record, failure in cases
        )


def drain(kafka: Mapping[str, Any], database: Database) -> None:
    letters = read(kafka, PROCESSING_ERRORS.name)
    with database.transaction() as connection:
        store(connection, letters)


def read(kafka: Mapping[str, Any], topic: str) -> list[Record]:
    """Everything on a topic, in the order of its partitions."""
    return lying_on.read(kafka, topic, topic_ids(kafka)[topic])
