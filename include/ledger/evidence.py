"""What the topics say of one run: which tasks were sent, and what was reported of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from include.contracts import dead_letters as names
from include.contracts.topics import COMPLETIONS_OF, ERRORS_OF, OUTCOME_TOPICS, TASKS_OF
from include.errors import Permanent
from include.ledger.outcome import Outcome
from include.ledger.reading import outcome_of
from include.transport.admin import topic_ids
from include.transport.codec import UNREADABLE
from include.transport.record import Record
from include.transport.span import SpanReader

# A message's time is its producer's; machines' clocks differ a little.
_CLOCKS_DIFFER = timedelta(minutes=10)

TaskKey = tuple[str, str]
Place = tuple[str, int, int]
_STAGE_OF_TASKS = {topic.name: stage for stage, topic in TASKS_OF.items()}
_COMPLETIONS = {topic.name for topic in COMPLETIONS_OF.values()}
_ERRORS = {topic.name for topic in ERRORS_OF.values()}


class _Named(msgspec.Struct):
    """As much of any message as tells whose it is."""

    run_id: str | None = None
    task_id: str | None = None


class Report(msgspec.Struct, frozen=True):
    """An outcome on its topic; ``body`` is the completion as it was reported, None for a dead letter."""

    place: Place
    outcome: Outcome
    body: bytes | None


class Evidence(msgspec.Struct, frozen=True):
    """The run's messages. ``sent`` counts task messages by (stage, task id).

    ``cut`` names partitions whose records of that time may have been deleted by retention;
    ``unreadable`` counts records of the outcome topics that name no task of any run.
    """

    sent: Counter[TaskKey]
    reports: tuple[Report, ...]
    topic_ids: dict[str, str]
    cut: tuple[str, ...]
    unreadable: int


def gather(kafka: Mapping[str, Any], run_id: str, started_at: datetime) -> Evidence:
    """Read the six topics of the run from its start on. Raises Transient."""
    topics = (*TASKS_OF.values(), *OUTCOME_TOPICS)
    ids = topic_ids(kafka, topics)
    reader = SpanReader(kafka, ids)
    try:
        span = reader.span([topic.name for topic in topics if topic.name in ids], started_at - _CLOCKS_DIFFER)
        return _sorted_out(reader.read(span), run_id, ids, span.cut)
    finally:
        reader.close()


def _sorted_out(records: Iterable[Record], run_id: str, ids: dict[str, str], cut: tuple[str, ...]) -> Evidence:
    sent: Counter[TaskKey] = Counter()
    reports: list[Report] = []
    unreadable = 0
    for record in records:
        stage = _STAGE_OF_TASKS.get(record.topic)
        named = _named(record)
        if stage is not None:
            if named.run_id == run_id and named.task_id:
                sent[str(stage), named.task_id] += 1
        elif named.run_id in (run_id, None):
            report = _report(record)
            if report is None:
                unreadable += 1
            elif report.outcome.run_id == run_id:
                reports.append(report)
    return Evidence(sent, tuple(reports), ids, cut, unreadable)


def _named(record: Record) -> _Named:
    if record.topic in _ERRORS:
        return _Named(record.headers.get(names.RUN_ID), record.headers.get(names.TASK_ID))
    try:
        return msgspec.json.decode(record.value or b"", type=_Named)
    except UNREADABLE:
        return _Named()


def _report(record: Record) -> Report | None:
    try:
        outcome = outcome_of(record)
    except Permanent:
        return None
    place = (record.topic_id, record.partition, record.offset)
    return Report(place, outcome, record.value if record.topic in _COMPLETIONS else None)
