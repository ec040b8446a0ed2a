"""The outbox: what a task did, recorded in the transaction that did it, repeated ever after.

A redelivered task whose effect is recorded is reported again without any work, with the exact
bytes of the first time. A repeated listing therefore names the same tasks, whatever the page says now.
"""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection

from include.contracts.outcomes import Completed, ProcessingCompleted, ScrapingCompleted
from include.contracts.tasks import Stage
from include.errors import Transient
from include.stores.postgres import Database
from include.transport.codec import decode, encode
from include.workers.handler import Effect, Send

_COMPLETION_OF: dict[Stage, type[Completed]] = {
    Stage.SCRAPING: ScrapingCompleted,
    Stage.PROCESSING: ProcessingCompleted,
}
_INSERT = """
INSERT INTO effects (run_id, stage, task_id, completion, sends) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (run_id, stage, task_id) DO NOTHING
"""
_SELECT = "SELECT completion, sends FROM effects WHERE run_id = %s AND stage = %s AND task_id = %s"


def recorded(database: Database, run_id: str, stage: Stage, task_id: str) -> Effect | None:
    """The effect that this task already had, if it had one. Raises Transient."""
    with database.transaction() as connection:
        return _find(connection, run_id, stage, task_id)


def record(connection: Connection, stage: Stage, effect: Effect) -> Effect:
    """Record ``effect`` in the caller's transaction and return the one that counts.

    That is the caller's, unless another worker recorded the same task first: report what is
    returned, never what was given.
    """
    done = effect.completion
    sends = msgspec.json.encode([(s.topic, s.key, s.value.decode()) for s in effect.sends]).decode()
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, (done.run_id, stage, done.task_id, encode(done), sends))
        if cursor.rowcount:
            return effect
    first = _find(connection, done.run_id, stage, done.task_id)
    if first is None:
        raise Transient(f"the recorded effect of {stage} task {done.task_id} vanished while it was read; try again")
    return first


def _find(connection: Connection, run_id: str, stage: Stage, task_id: str) -> Effect | None:
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, (run_id, stage, task_id))
        row = cursor.fetchone()
    return None if row is None else _read(stage, *row)


def _read(stage: Stage, completion: memoryview, sends: list[Any]) -> Effect:
    return Effect(
        completion=decode(bytes(completion), _COMPLETION_OF[stage]),
        sends=tuple(Send(topic, key, value.encode()) for topic, key, value in sends),
    )
