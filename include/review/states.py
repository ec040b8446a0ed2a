"""How a letter's state changes, and who may change it.

    waiting -> replaying -> replayed        waiting -> discarded

Whoever works on letters holds an advisory lock on each until done or dead. A letter found in
``replaying`` whose lock is free was left there by a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

_LOCK_CLASS = 7105302

_LOCK = "SELECT id FROM unnest(%s::bigint[]) AS id WHERE pg_try_advisory_xact_lock(%s, (id %% 2147483647)::integer)"
_CLAIM = """
UPDATE dead_letters SET state = 'replaying' WHERE id = ANY(%s) AND state = 'waiting' RETURNING id
"""
_ACT = "INSERT INTO dead_letter_actions (dead_letter_id, action, actor, reason) VALUES %s"
_READ = """
SELECT id, topic_id, partition, "offset", key, value, headers, origin_topic, run_id, stage, task_id, replay_count,
       (SELECT max(acted_at) FROM dead_letter_actions WHERE dead_letter_id = dead_letters.id AND action = 'replay')
FROM dead_letters WHERE id = ANY(%s) AND state = 'replaying' ORDER BY id
"""
_REPLAYED = "UPDATE dead_letters SET state = 'replayed' WHERE id = ANY(%s) AND state = 'replaying'"
_DISCARD = "UPDATE dead_letters SET state = 'discarded' WHERE id = ANY(%s) AND state = 'waiting' RETURNING id"


class Claimed(msgspec.Struct, frozen=True):
    """A letter that is being replayed, with all that it takes. ``claimed_at`` is when it was claimed."""

    id: int
    topic_id: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, str]
    origin_topic: str
    run_id: str | None
    stage: str | None
    task_id: str | None
    replay_count: int
    claimed_at: Any

    @property
    def place(self) -> str:
        """Which letter this is, for ever."""
        return f"{self.topic_id}/{self.partition}/{self.offset}"


def lock(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Those of ``ids`` that nobody else is working on; they are ours until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, (list(ids), _LOCK_CLASS))
        return [row[0] for row in cursor.fetchall()]


def claim(connection: Connection, ids: Sequence[int], actor: str, reason: str) -> list[int]:
    """waiting -> replaying, on record; -> those that were waiting."""
    return _change(connection, _CLAIM, ids, "replay", actor, reason)


def discard(connection: Connection, ids: Sequence[int], actor: str, reason: str) -> list[int]:
    """waiting -> discarded, on record; -> those that were waiting."""
    return _change(connection, _DISCARD, ids, "discard", actor, reason)


def claimed(connection: Connection, ids: Sequence[int]) -> list[Claimed]:
    """Those of ``ids`` that are in ``replaying``."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, (list(ids),))
        rows = cursor.fetchall()
    return [Claimed(*row[:4], *(None if b is None else bytes(b) for b in row[4:6]), *row[6:]) for row in rows]


def replayed(connection: Connection, ids: Sequence[int]) -> None:
    """replaying -> replayed."""
    with connection.cursor() as cursor:
        cursor.execute(_REPLAYED, (list(ids),))


def _change(connection: Connection, update: str, ids: Sequence[int], action: str, actor: str, reason: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(update, (list(ids),))
        changed = sorted(row[0] for row in cursor.fetchall())
        if changed:
            execute_values(cursor, _ACT, [(letter, action, actor, reason) for letter in changed])
    return changed
