"""Dead letters as they lie in the review: lists, and one in full."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection

from include.errors import ConfigurationError
from include.review.selection import Selection

_COLUMNS = """
id, state, run_id, stage, task_id, key, region, symbol, exception_class, message, fingerprint, disposition,
replay_count, failed_at, origin_topic
"""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A kept dead letter without its bytes. ``origin_topic`` None: it can be replayed nowhere."""

    id: int
    state: str
    run_id: str | None
    stage: str | None
    task_id: str | None
    key: str
    region: str | None
    symbol: str | None
    exception_class: str | None
    message: str | None
    fingerprint: str | None
    disposition: str | None
    replay_count: int
    failed_at: datetime
    origin_topic: str | None


class Action(msgspec.Struct, frozen=True):
    """What a person did with a letter."""

    action: str
    actor: str
    reason: str
    acted_at: datetime


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A letter in full: its headers, its bytes as text, and what was done with it."""

    letter: Kept
    topic: str
    partition: int
    offset: int
    headers: dict[str, str]
    value: str
    actions: tuple[Action, ...]


def listed(connection: Connection, selection: Selection, limit: int | None = None) -> tuple[list[Kept], int]:
    """-> the newest ``limit`` letters of the selection (None: all of them), and how many there are."""
    condition, values = selection.condition()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM dead_letters WHERE {condition} ORDER BY id DESC LIMIT %(limit)s",  # noqa: S608
            values | {"limit": limit},
        )
        letters = [_kept(row) for row in cursor.fetchall()]
        cursor.execute(f"SELECT count(*) FROM dead_letters WHERE {condition}", values)  # noqa: S608 - our own text
        total = cursor.fetchone()
    return letters, total[0] if total else 0


def opened(connection: Connection, letter_id: int) -> Opened:
    """One letter in full. Raises ConfigurationError when there is none of that id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT topic, partition, "offset", headers, value, {_COLUMNS} FROM dead_letters WHERE id = %s',  # noqa: S608
            (letter_id,),
        )
        row = cursor.fetchone()
        if row is None:
            raise ConfigurationError(f"there is no dead letter {letter_id}; see: stocks dead-letters list")
        cursor.execute(
            "SELECT action, actor, reason, acted_at FROM dead_letter_actions WHERE dead_letter_id = %s ORDER BY id",
            (letter_id,),
        )
        actions = tuple(Action(*found) for found in cursor.fetchall())
    topic, partition, offset, headers, value = row[:5]
    return Opened(
        letter=_kept(row[5:]),
        topic=topic,
        partition=partition,
        offset=offset,
        headers=headers,
        value=_text(value),
        actions=actions,
    )


def _kept(row: tuple[Any, ...]) -> Kept:
    fields = dict(zip(Kept.__struct_fields__, row, strict=True))
    return Kept(**fields | {"key": _text(fields["key"])})


def _text(data: memoryview | None) -> str:
    return bytes(data or b"").decode("utf-8", "backslashreplace")
