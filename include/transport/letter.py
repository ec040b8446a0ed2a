"""A dead letter as it is read: the original's bytes, and why it is here.

One reader for the ledger (which folds the failure) and the review (which keeps the letter). It
never fails: what a header does not say, or says wrongly, is None.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from include.contracts import dead_letters as names
from include.contracts.dead_letters import Disposition
from include.contracts.tasks import SINK, Stage, Station
from include.contracts.topics import ERRORS_OF, REPLAYED_TOPICS
from include.transport.codec import UNREADABLE
from include.transport.headers import count_in
from include.transport.record import Record

NAME_LIMIT = 250  # of characters; Airflow's run ids are no longer, and PostgreSQL's indexes hold it
_FIRST_YEAR, _LAST_YEAR = 1970, 9000

_STAGE_OF = {topic.name: stage for stage, topic in ERRORS_OF.items()}


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One record of an errors topic. ``run_id`` and ``task_id`` are None when the task never decoded.

    ``origin_topic`` is a topic of tasks or prices, or None: nothing else is ever replayed to.
    ``region`` and ``symbol`` are read from the task itself, as far as it can be read.
    """

    record: Record
    stage: Station | None
    origin_topic: str | None
    run_id: str | None
    task_id: str | None
    region: str | None
    symbol: str | None
    exception_class: str
    message: str
    fingerprint: str | None
    disposition: Disposition | None
    attempts: int
    replay_count: int
    first_failed_at: datetime
    failed_at: datetime

    @property
    def key(self) -> str:
        """The original's key as text, empty when it had none."""
        return (self.record.key or b"").decode("utf-8", "backslashreplace")


def without_nul(text: str) -> str:
    """``text`` as PostgreSQL can keep it."""
    return text.replace("\0", "\\0")


class _Glimpse(msgspec.Struct):
    """What is worth knowing of a task, if it can be read at all."""

    region: str | None = None
    symbol: str | None = None
    ticker: str | None = None


def parse(record: Record) -> DeadLetter:
    """The dead letter that ``record`` of an errors topic is; never raises."""
    headers = {name: without_nul(value) for name, value in record.headers.items()}
    glimpse = _glimpse(record.value)
    failed_at = _time(headers.get(names.LAST_FAILED_AT)) or record.timestamp
    return DeadLetter(
        record=record,
        stage=_stage(headers.get(names.STAGE)) or _STAGE_OF.get(record.topic),
        origin_topic=_known_topic(headers.get(names.ORIGIN_TOPIC) or headers.get(names.SPRING_ORIGIN_TOPIC)),
        run_id=_name(headers.get(names.RUN_ID)),
        task_id=_name(headers.get(names.TASK_ID)),
        region=without_nul(glimpse.region) if glimpse.region else None,
        symbol=without_nul(symbol) if (symbol := glimpse.symbol or glimpse.ticker) else None,
        exception_class=headers.get(names.EXCEPTION_CLASS) or "Unknown",
        message=headers.get(names.MESSAGE) or "the dead letter does not say why",
        fingerprint=_name(headers.get(names.FINGERPRINT)),
        disposition=_disposition(headers.get(names.DISPOSITION)),
        attempts=count_in(headers, names.ATTEMPTS),
        replay_count=count_in(headers, names.REPLAY_COUNT),
        first_failed_at=_time(headers.get(names.FIRST_FAILED_AT)) or failed_at,
        failed_at=failed_at,
    )


def _glimpse(value: bytes | None) -> _Glimpse:
    try:
        return msgspec.json.decode(value or b"{}", type=_Glimpse)
    except UNREADABLE:
        return _Glimpse()


def _stage(text: str | None) -> Station | None:
    if text == SINK:
        return SINK
    return Stage(text) if text in set(Stage) else None


def _disposition(text: str | None) -> Disposition | None:
    return Disposition(text) if text in set(Disposition) else None


def _known_topic(name: str | None) -> str | None:
    return name if name in {topic.name for topic in REPLAYED_TOPICS} else None


def _name(text: str | None) -> str | None:
    """A name that can be looked up; what is longer than any of ours is none."""
    return text if text and len(text) <= NAME_LIMIT else None


def _time(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
        return None if is_absurd(at) else at if at.tzinfo else at.replace(tzinfo=UTC)
    except ValueError:
        return None


def is_absurd(at: datetime) -> bool:
    """Whether no clock of ours ever showed ``at``: beyond these years PostgreSQL keeps what Python cannot read."""
    return not _FIRST_YEAR <= at.year <= _LAST_YEAR
