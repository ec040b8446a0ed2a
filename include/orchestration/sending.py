"""What the Kafka provider's operator calls: the messages to produce, and what to do about each delivery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from include.contracts.tasks import Stage
from include.errors import Transient
from include.ledger.resending import messages
from include.orchestration.place import place
from include.orchestration.unretried import unretried
from include.transport.producer import Producer


def pending_tasks(run_id: str, stage: str, region: str, band: str, **_shown: Any) -> Iterator[tuple[str, bytes]]:
    """Key and value of every pending task of that part of a run: all of a new run, what is left of a cleared one.

    The operator produces no headers; the few tasks that need one (replays) are produced here.
    """
    with unretried(), place(connections=1) as here:
        with here.database.transaction() as connection:
            found = messages(connection, run_id, Stage(stage), region, band)
        replays = [message for message in found if message.headers]
        if replays:
            with Producer(here.kafka) as producer:
                producer.deliver(replays)
    for message in found:
        if not message.headers and message.value is not None:
            yield str(message.key), message.value


def raise_on_failure(error: Any, message: Any) -> None:
    """A delivery that fails fails the task: by default the operator only logs it."""
    if error is not None:
        raise Transient(f"a task was not delivered to {message.topic()}: {error.str()}")
