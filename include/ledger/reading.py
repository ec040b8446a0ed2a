"""From a record of a completion or errors topic to the outcome that it reports."""

from __future__ import annotations

import re
from uuid import UUID

import msgspec

from include.contracts.outcomes import Completed, ProcessingCompleted, ScrapingCompleted
from include.contracts.tasks import Stage
from include.contracts.topics import COMPLETIONS_OF, ERRORS_OF
from include.errors import Permanent
from include.ledger.outcome import Outcome, from_completion
from include.transport.codec import decode
from include.transport.letter import NAME_LIMIT, DeadLetter, is_absurd, parse
from include.transport.record import Record

ERROR_TOPICS = frozenset(topic.name for topic in ERRORS_OF.values())
_COMPLETED: dict[str, type[Completed]] = {
    COMPLETIONS_OF[Stage.SCRAPING].name: ScrapingCompleted,
    COMPLETIONS_OF[Stage.PROCESSING].name: ProcessingCompleted,
}
_MESSAGE_LIMIT = 2000
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")  # not behind a backslash that is itself escaped


def outcome_of(record: Record) -> Outcome:
    """The outcome that ``record`` reports. Raises Permanent when it names no task that the ledger could keep."""
    if record.topic in ERROR_TOPICS:
        return _keepable(_from_dead_letter(parse(record)))
    completed = decode(record.value, _COMPLETED[record.topic])
    _check_id(completed.task_id)
    for child in completed.children if isinstance(completed, ScrapingCompleted) else ():
        _check_id(child.task_id)
    return _keepable(from_completion(completed))


def _from_dead_letter(letter: DeadLetter) -> Outcome:
    if letter.run_id is None or letter.task_id is None or not isinstance(letter.stage, Stage):
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
        error_message=letter.message[:_MESSAGE_LIMIT],
        ended_at=letter.failed_at,
    )


def _keepable(outcome: Outcome) -> Outcome:
    """``outcome`` as PostgreSQL can keep it. Raises Permanent where it can be no outcome of any run."""
    if len(outcome.run_id) > NAME_LIMIT:
        raise Permanent(f"a run id of {len(outcome.run_id)} characters is none")
    for at in (outcome.started_at, outcome.ended_at):
        if at is not None and is_absurd(at):
            raise Permanent(f"{at.isoformat()} is no time at which a task ended")
    text = msgspec.json.encode(outcome)
    # PostgreSQL's text holds no NUL, which a source's answer may.
    return msgspec.json.decode(_NUL.sub(rb"\1\\\\0", text), type=Outcome) if b"\\u0000" in text else outcome


def _check_id(task_id: str) -> None:
    try:
        UUID(task_id)
    except ValueError:
        raise Permanent(f"{task_id!r} is no task id") from None
