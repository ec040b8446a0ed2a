"""From a failure to a dead letter: the original's bytes, and headers that say why."""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from include.contracts import dead_letters as names
from include.contracts.dead_letters import Disposition
from include.contracts.tasks import Station
from include.contracts.topics import ERRORS_OF
from include.transport.codec import UNREADABLE
from include.transport.producer import Message
from include.transport.record import Record

_MESSAGE_LIMIT_BYTES = 4 * 1024
_OF_ONE_CASE = re.compile(
    r"https?://\S+|[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+|'[^']*'|\"[^\"]*\"|\b[A-Z0-9^][A-Z0-9.=-]*\.[A-Z]{1,4}\b|\d+(?:[.,]\d+)*"
)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a task is given up. ``run_id`` and ``task_id`` are None where the task could not be read."""

    error: BaseException
    disposition: Disposition
    attempts: int
    first_failed_at: datetime
    failed_at: datetime
    run_id: str | None
    task_id: str | None


def dead_letter(stage: Station, group: str, record: Record, failure: Failure, scrub: Callable[[str], str]) -> Message:
    """The message for the stage's errors topic. The first origin is kept, the last cause counts."""
    first = _first_origin(record, failure.first_failed_at)
    ours = {
        names.ORIGIN_TOPIC: first.topic,
        names.ORIGIN_PARTITION: str(first.partition),
        names.ORIGIN_OFFSET: str(first.offset),
        names.ORIGIN_GROUP: group,
        names.DELIVERY_COUNT: str(failure.attempts),
        names.MESSAGE: cut(scrub(_said(failure.error)), _MESSAGE_LIMIT_BYTES),
        names.SPRING_ORIGIN_TOPIC: first.topic,
        names.RUN_ID: failure.run_id or "",
        names.TASK_ID: failure.task_id or "",
        names.STAGE: str(stage),
        names.EXCEPTION_CLASS: type(failure.error).__name__,
        names.STACKTRACE: cut(scrub(_trace(failure.error)), names.STACKTRACE_LIMIT_BYTES),
        names.FINGERPRINT: fingerprint(stage, failure.error, scrub),
        names.DISPOSITION: str(failure.disposition),
        names.ATTEMPTS: str(failure.attempts),
        names.ORIGINAL_TIMESTAMP: first.timestamp.isoformat(),
        names.FIRST_FAILED_AT: first.failed_at.isoformat(),
        names.LAST_FAILED_AT: failure.failed_at.isoformat(),
        names.REPLAY_COUNT: record.headers.get(names.REPLAY_COUNT, "0"),
    }
    known = {name: value for name, value in ours.items() if value or name not in (names.RUN_ID, names.TASK_ID)}
    foreign = {name: value for name, value in record.headers.items() if not names.is_ours(name)}
    return Message(ERRORS_OF[stage].name, record.key, record.value, foreign | known)


def without_extras(letter: Message) -> Message:
    """The same letter as small as it can be: the original's bytes and short headers only."""
    short = {name: cut(value, 256) for name, value in letter.headers.items() if names.is_ours(name)}
    return Message(letter.topic, letter.key, letter.value, short | {names.STACKTRACE: ""})


def fingerprint(stage: Station, error: BaseException, scrub: Callable[[str], str] = str) -> str:
    """Equal for failures of one cause: stage, class and message without what differs from case to case."""
    normalised = _OF_ONE_CASE.sub("*", scrub(_said(error)))
    return hashlib.sha256(f"{stage}\x1f{type(error).__name__}\x1f{normalised}".encode()).hexdigest()[:16]


def cut(text: str, limit_bytes: int) -> str:
    """``text`` in at most ``limit_bytes`` of UTF-8; of a longer one the beginning and the end."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= limit_bytes:
        return text
    mark = b"\n[...]\n"
    head = (limit_bytes - len(mark)) // 3
    tail = limit_bytes - len(mark) - head
    return (data[:head] + mark + data[-tail:]).decode("utf-8", "ignore")


class _Origin(msgspec.Struct, frozen=True):
    topic: str
    partition: int
    offset: int
    timestamp: datetime
    failed_at: datetime


def _first_origin(record: Record, failed_at: datetime) -> _Origin:
    """Where the task first came from: a replayed message says so, any other is its own origin."""
    try:
        return msgspec.json.decode(record.headers[names.FIRST_ORIGIN], type=_Origin)
    except (KeyError, *UNREADABLE):
        return _Origin(record.topic, record.partition, record.offset, record.timestamp, failed_at)


def _said(error: BaseException) -> str:
    return str(error).strip() or type(error).__name__


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def now() -> datetime:
    """This moment, aware UTC."""
    return datetime.now(UTC)


class _Ids(msgspec.Struct):
    run_id: str | None = None
    task_id: str | None = None


def task_ids(value: bytes | None) -> tuple[str | None, str | None]:
    """-> (run_id, task_id) of a task that does not decode, as far as they can be made out."""
    try:
        ids = msgspec.json.decode(value or b"{}", type=_Ids)
    except UNREADABLE:
        return None, None
    return ids.run_id, ids.task_id
