"""From a record of a completion or errors topic to the outcome that it reports."""

from __future__ import annotations

from uuid import UUID

from include.contracts.outcomes import Completed, ProcessingCompleted, ScrapingCompleted
from include.contracts.tasks import Stage
from include.contracts.topics import COMPLETIONS_OF, ERRORS_OF
from include.errors import Permanent
from include.ledger.outcome import Outcome, from_completion
from include.review.letter import DeadLetter, parse
from include.transport.codec import decode
from include.transport.record import Record

ERROR_TOPICS = frozenset(topic.name for topic in ERRORS_OF.values())
_COMPLETED: dict[str, type[Completed]] = {
    COMPLETIONS_OF[Stage.SCRAPING].name: ScrapingCompleted,
    COMPLETIONS_OF[Stage.PROCESSING].name: ProcessingCompleted,
}
_MESSAGE_LIMIT = 2000


def outcome_of(record: Record) -> Outcome:
    """The outcome that ``record`` reports. Raises Permanent when it names no task that the ledger could keep."""
    if b"\\u0000" in (record.value or b"") or b"\0" in (record.key or b""):
        raise Permanent("it holds a NUL character, which PostgreSQL does not")
    if record.topic in ERROR_TOPICS:
        return _from_dead_letter(parse(record))
    completed = decode(record.value, _COMPLETED[record.topic])
    _check_id(completed.task_id)
    for child in completed.children if isinstance(completed, ScrapingCompleted) else ():
        _check_id(child.task_id)
    return from_completion(completed)


def _from_dead_letter(letter: DeadLetter) -> Outcome:
    if letter.run_id is None or letter.task_id is None or letter.stage is None:
        raise Permanent("the dead letter does not say of which run and task it is")
    _check_id(letter.task_id)
    return Outcome(
        run_id=letter.run_id,
        stage=letter.stage,
        task_id=letter.task_id,
        key=letter.key,
        region=letter.region or "?",
        state="failed",
        replay_count=letter.replay_count,
        attempts=letter.attempts,
        error_class=letter.exception_class,
        # PostgreSQL's text holds no NUL, which a source's answer may.
        error_message=letter.message.replace("\0", " ")[:_MESSAGE_LIMIT],
        ended_at=letter.failed_at,
    )


def _check_id(task_id: str) -> None:
    try:
        UUID(task_id)
    except ValueError:
        raise Permanent(f"{task_id!r} is no task id") from None
