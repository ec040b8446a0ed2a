"""The end of a run: list gaps again, judge, and say it."""

from __future__ import annotations

import logging

from confluent_kafka import KafkaException

from include.contracts.tasks import Stage
from include.contracts.topics import TASKS_OF
from include.errors import Transient
from include.ledger.gaps import list_again
from include.ledger.resending import messages, waiting
from include.ledger.summary import Summary, summarize
from include.ledger.verdict import Verdict, conclude, give_up
from include.ledger.watching import look, pending_by_stage
from include.orchestration.backlog import backlog, consumer
from include.orchestration.place import Place
from include.transport.codec import encode
from include.transport.producer import Message, Producer

_log = logging.getLogger(__name__)


def settle(here: Place, run_id: str) -> Verdict:
    """Judge a run of which nothing is pending; ``running`` when bands with gaps are listed again first.

    Raises Transient when the brokers do not take the second listings: they stand in the ledger, and
    ``send_pages`` sends them when the task is tried again.
    """
    with here.database.transaction() as connection:
        again = list_again(connection, run_id)
    if again:
        _log.warning("%d bands do not add up and are listed again", len(again))
        topic = TASKS_OF[Stage.SCRAPING].name
        _deliver(here, [Message(topic, task.key, encode(task)) for task in again])
    with here.database.transaction() as connection:
        return conclude(connection, run_id, here.runs.failure_threshold)


def send_pages(here: Place, run_id: str) -> None:
    """Send a run's pending pages once more, for an attempt before this one may have died first. Raises Transient."""
    with here.database.transaction() as connection:
        parts = [part for part in waiting(connection, run_id) if part.stage is Stage.SCRAPING]
        found = [m for part in parts for m in messages(connection, run_id, part.stage, part.region, part.band)]
    _deliver(here, found)


def stall(here: Place, run_id: str) -> Verdict:
    """End a run in which nothing happens any more; the reason names what lags. Its pending tasks stay pending.

    What has moved since the trigger looked is no stall: the run goes on (``running``).
    """
    with here.database.transaction() as connection:
        pending = pending_by_stage(connection, run_id)
    # Kafka is asked in no transaction: it may take its time, and every fold of the run would wait for it.
    reason = f"no outcome for {here.runs.stall_minutes:g} minutes (RUN_STALL_MINUTES); {_laggards(here, pending)}"
    with here.database.transaction() as connection:
        run = look(connection, run_id)
        if run is not None and not run.stalled(here.runs.stall_minutes):
            return Verdict("running", "it moves again")
        give_up(connection, run_id, reason)
    return Verdict("failed", reason)


def report(here: Place, run_id: str) -> Summary:
    """The run's summary, also written to the log line by line."""
    with here.database.transaction() as connection:
        summary = summarize(connection, run_id)
    for region, counts in summary.regions.items():
        _log.info("%s: %s", region, ", ".join(f"{name} {count}" for name, count in counts.items()))
    for line in (*summary.missing, *summary.warnings):
        _log.warning("%s", line)
    return summary


def _laggards(here: Place, pending: dict[str, int]) -> str:
    lags = [
        f"{TASKS_OF[Stage(stage)].name} lags: {count} {stage} tasks are pending (is a {stage} worker running?)"
        for stage, count in sorted(pending.items(), reverse=True)
    ]
    return "; ".join(_undrained(here) + lags)


def _undrained(here: Place) -> list[str]:
    try:
        reader = consumer(here.kafka)
        try:
            unread = backlog(reader).by_topic()
        finally:
            reader.close()
    except (Transient, KafkaException) as error:
        return [f"Kafka does not answer ({error})"]
    return [
        f"{topic} lags: {count} outcomes are not drained (is pipeline_monitor paused?)"
        for topic, count in unread.items()
    ]


def _deliver(here: Place, found: list[Message]) -> None:
    if found:
        with Producer(here.kafka) as producer:
            producer.deliver(found)
