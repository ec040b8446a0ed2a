"""Reading the outcome topics, and the sink's dead letters, to their end in batches: written, then committed.

A drain that dies between the two repeats its last batch, which changes nothing: writing is idempotent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg2
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from include.contracts.topics import DRAINED_TOPICS
from include.errors import Transient
from include.orchestration.backlog import TOPICS, Partition, backlog, consumer
from include.orchestration.drained import Taken, mark_unreadable, take, together
from include.stores.postgres import Database
from include.transport.admin import watched_ids
from include.transport.record import Record, from_message

_log = logging.getLogger(__name__)

_BATCH = 1000
_WAIT_S = 0.25
_SILENCE_S = 60.0

_LIVE = """
SELECT EXISTS (
    SELECT 1 FROM runs JOIN tasks USING (run_id)
    WHERE runs.state = 'running' AND runs.request IS NOT NULL AND tasks.state = 'pending'
)
"""


def drain(kafka: Mapping[str, Any], database: Database, *, failure_threshold: float, stay_s: float = 0.0) -> Taken:
    """Read to the end as it is now; then stay for up to ``stay_s`` seconds while a run has pending tasks.

    Staying spares a run the start of an Airflow task per batch. Raises Transient: what was read and
    not committed is read again.
    """
    deadline = time.monotonic() + stay_s
    taken: list[Taken] = []
    reader = consumer(kafka)
    try:
        ids_now = watched_ids(kafka, DRAINED_TOPICS)
        ids = ids_now()
        left = backlog(reader, [topic for topic in TOPICS if topic in ids])
        reader.assign([TopicPartition(topic, number, at) for (topic, number), at in left.starts.items()])
        unread = {partition for partition, end in left.ends.items() if end > left.starts[partition]}
        last = time.monotonic()
        while unread or (time.monotonic() < deadline and _live(database)):
            records = [from_message(message, ids[str(message.topic())]) for message in _consume(reader)]
            last = _heard(records, unread, last)
            if records:
                _check_same(ids, ids_now())
                taken.append(_write(database, records, failure_threshold))
                ends = {(r.topic, r.partition): r.offset + 1 for r in records}  # in order: the last one counts
                _commit(reader, ends)
                unread -= {p for p in unread if ends.get(p, -1) >= left.ends[p]}
    finally:
        reader.close()
    return together(taken)


def _check_same(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Records of a topic that was made anew would be taken for the old one's. Raises Transient."""
    if anew := sorted(topic for topic in before if now.get(topic) != before[topic]):
        raise Transient(f"{', '.join(anew)} was deleted or made anew while it was drained; the next drain reads it")


def _consume(reader: Consumer) -> list[Message]:
    messages = reader.consume(_BATCH, timeout=_WAIT_S)
    for message in messages:
        error = message.error()
        if error is not None:
            raise Transient(f"the outcome topics cannot be read: {error.str()}")
    return list(messages)


def _heard(records: Sequence[Record], unread: Iterable[Partition], last: float) -> float:
    now = time.monotonic()
    if records or not unread:
        return now
    if now - last > _SILENCE_S:
        raise Transient(f"Kafka was silent for {_SILENCE_S:.0f} s with records left in {sorted(unread)}")
    return last


def _write(database: Database, records: Sequence[Record], failure_threshold: float) -> Taken:
    try:
        with database.transaction() as connection:
            return take(connection, records, failure_threshold)
    except (psycopg2.DataError, psycopg2.IntegrityError, psycopg2.errors.ProgramLimitExceeded, ValueError) as error:
        if len(records) == 1:
            return _skip(database, records[0], error)
        # One record that PostgreSQL refuses must not keep the others out.
        each = [_write(database, [record], failure_threshold) for record in records]
        return together(each)


def _skip(database: Database, record: Record, error: Exception) -> Taken:
    _log.error("%s[%d]@%d cannot be kept: %s", record.topic, record.partition, record.offset, error)
    with database.transaction() as connection:
        mark_unreadable(connection, record)
    return Taken(1, 1, ())


def _commit(reader: Consumer, ends: Mapping[Partition, int]) -> None:
    offsets = [TopicPartition(topic, number, end) for (topic, number), end in ends.items()]
    try:
        reader.commit(offsets=offsets, asynchronous=False)
    except KafkaException as error:
        reason: KafkaError = error.args[0]
        raise Transient(f"the ledger's place in its topics could not be committed: {reason.str()}") from error


def _live(database: Database) -> bool:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(_LIVE)
        row = cursor.fetchone()
    return bool(row and row[0])
