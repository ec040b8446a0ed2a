"""Keeping drained dead letters: whole, once, and for as long as nobody has looked at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg2 import Binary
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json, execute_values

from include.transport.letter import DeadLetter, parse, without_nul
from include.transport.record import Record

_INSERT = """
INSERT INTO dead_letters (topic_id, topic, partition, "offset", key, value, headers, origin_topic, run_id, stage,
                          task_id, region, symbol, exception_class, message, fingerprint, disposition,
                          replay_count, failed_at)
VALUES %s
ON CONFLICT (topic_id, partition, "offset") DO NOTHING
"""


def store(connection: Connection, records: Iterable[Record]) -> None:
    """Insert the dead letters that ``records`` are, in the caller's transaction; one already kept is left alone."""
    rows = [_row(parse(record)) for record in records]
    if rows:
        with connection.cursor() as cursor:
            execute_values(cursor, _INSERT, rows, page_size=200)


def _row(letter: DeadLetter) -> tuple[Any, ...]:
    record = letter.record
    return (
        record.topic_id,
        record.topic,
        record.partition,
        record.offset,
        None if record.key is None else Binary(record.key),
        None if record.value is None else Binary(record.value),
        Json({without_nul(name): without_nul(value) for name, value in record.headers.items()}),
        letter.origin_topic,
        letter.run_id,
        letter.stage,
        letter.task_id,
        letter.region,
        letter.symbol,
        letter.exception_class,
        letter.message,
        letter.fingerprint,
        letter.disposition,
        letter.replay_count,
        letter.failed_at,
    )
