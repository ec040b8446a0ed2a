"""One batch of the drained topics into the ledger and the review, exactly once however often it is read."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from include.contracts.topics import SINK_ERRORS
from include.errors import Permanent
from include.ledger.fold import fold
from include.ledger.outcome import Outcome
from include.ledger.reading import ERROR_TOPICS, outcome_of
from include.ledger.verdict import judge_again
from include.review.store import store
from include.transport.record import Record

_log = logging.getLogger(__name__)

_MARK = """
INSERT INTO drained_outcomes (topic_id, topic, partition, "offset", run_id, stage, task_id) VALUES %s
ON CONFLICT DO NOTHING RETURNING topic_id, partition, "offset"
"""
_ROW = "(%s, %s, %s, %s, %s, %s, %s::uuid)"

_Place = tuple[str, int, int]


class Taken(msgspec.Struct, frozen=True):
    """What a batch brought: how many records were new, how many name no task and should, and the runs they are of."""

    new: int
    unreadable: int
    run_ids: tuple[str, ...]


def together(parts: Sequence[Taken]) -> Taken:
    """Several batches as one."""
    run_ids = sorted({run_id for part in parts for run_id in part.run_ids})
    return Taken(sum(p.new for p in parts), sum(p.unreadable for p in parts), tuple(run_ids))


def take(connection: Connection, records: Sequence[Record], failure_threshold: float) -> Taken:
    """Write ``records`` in the caller's transaction; those that were written before change nothing."""
    read = [(record, _outcome(record)) for record in records]
    with connection.cursor() as cursor:
        marks = [_mark(record, outcome) for record, outcome in read]
        fresh = set(execute_values(cursor, _MARK, marks, template=_ROW, page_size=1000, fetch=True))
    new = [(record, outcome) for record, outcome in read if _place(record) in fresh]
    outcomes = [outcome for _, outcome in new if outcome is not None]
    fold(connection, outcomes)
    store(connection, [record for record, _ in new if record.topic in ERROR_TOPICS])
    run_ids = sorted({outcome.run_id for outcome in outcomes})
    judge_again(connection, run_ids, failure_threshold)
    unreadable = sum(outcome is None and record.topic != SINK_ERRORS.name for record, outcome in new)
    return Taken(len(new), unreadable, tuple(run_ids))


def mark_unreadable(connection: Connection, record: Record) -> None:
    """Note that ``record`` was seen and cannot be kept, so that it is not read for ever."""
    with connection.cursor() as cursor:
        execute_values(cursor, _MARK, [_mark(record, None)], template=_ROW)


def _outcome(record: Record) -> Outcome | None:
    if record.topic == SINK_ERRORS.name:
        return None
    try:
        return outcome_of(record)
    except Permanent as error:
        # It blocks nobody: the record is marked as drained, and `stocks verify` counts it.
        _log.error("%s[%d]@%d is not an outcome: %s", record.topic, record.partition, record.offset, error)
        return None


def _place(record: Record) -> _Place:
    return (record.topic_id, record.partition, record.offset)


def _mark(record: Record, outcome: Outcome | None) -> tuple[object, ...]:
    named = (None, None, None) if outcome is None else (outcome.run_id, str(outcome.stage), outcome.task_id)
    return (record.topic_id, record.topic, record.partition, record.offset, *named)
