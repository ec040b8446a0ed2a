"""Replaying: the original bytes to the original topic, never the same letter twice.

The claim is committed before anything is sent, and a letter left behind in ``replaying`` by a crash
is looked for on its topic before it is sent again: a replayed message names its letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from include.contracts import dead_letters as names
from include.contracts.tasks import Stage
from include.contracts.topics import REPLAYED_TOPICS
from include.ledger.cancel import cancelled_runs, reopen
from include.review import states
from include.review.arrivals import arrived
from include.review.reading import Kept
from include.review.states import Claimed
from include.stores.postgres import Database
from include.transport.headers import count_in
from include.transport.producer import Message, Producer

_AT_ONCE = 500
TARGETS = frozenset(topic.name for topic in REPLAYED_TOPICS)


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the letters that were asked for, by id; ``refused`` says why."""

    sent: tuple[int, ...] = ()
    found_sent: tuple[int, ...] = ()
    refused: dict[int, str] = {}


def replay(database: Database, kafka: Mapping[str, Any], letters: Sequence[Kept], actor: str, reason: str) -> Replayed:
    """Replay ``letters``; each is sent once, or refused with the reason.

    Raises Transient when the broker or the database fails: letters then stay in ``replaying``, and
    the same call later finishes them without sending any twice.
    """
    gone = cancelled_runs(database)
    refused = {letter.id: why for letter in letters if (why := _refusal(letter, gone))}
    wanted = [letter.id for letter in letters if letter.id not in refused]
    sent: list[int] = []
    found: list[int] = []
    with Producer(kafka) as producer:
        for start in range(0, len(wanted), _AT_ONCE):
            batch = wanted[start : start + _AT_ONCE]
            with database.transaction() as guard:  # holds the locks while the others commit
                mine = states.lock(guard, batch)
                batch_sent, batch_found = _replay(database, kafka, producer, mine, actor, reason)
            sent += batch_sent
            found += batch_found
    taken = set(wanted) - set(sent) - set(found)
    refused |= dict.fromkeys(taken, "somebody else replayed or discarded it, or is doing so now")
    return Replayed(sent=tuple(sent), found_sent=tuple(found), refused=dict(sorted(refused.items())))


def plan(database: Database, letters: Sequence[Kept]) -> dict[int, str]:
    """Of ``letters`` those that a replay would refuse, and why; changes nothing."""
    gone = cancelled_runs(database)
    return {letter.id: why for letter in letters if (why := _refusal(letter, gone))}


def as_message(letter: Claimed) -> Message:
    """The original's bytes for the original topic, without the errors' headers, with one replay more."""
    origin = {
        "topic": letter.headers.get(names.ORIGIN_TOPIC, letter.origin_topic),
        "partition": count_in(letter.headers, names.ORIGIN_PARTITION),
        "offset": count_in(letter.headers, names.ORIGIN_OFFSET),
        "timestamp": letter.headers.get(names.ORIGINAL_TIMESTAMP),
        "failed_at": letter.headers.get(names.FIRST_FAILED_AT),
    }
    headers = {name: value for name, value in letter.headers.items() if not names.is_ours(name)} | {
        names.REPLAY_COUNT: str(letter.replay_count + 1),
        names.REPLAY_OF: letter.place,
        names.FIRST_ORIGIN: msgspec.json.encode(origin).decode(),
    }
    return Message(letter.origin_topic, letter.key, letter.value, headers)


def _replay(
    database: Database, kafka: Mapping[str, Any], producer: Producer, ids: Sequence[int], actor: str, reason: str
) -> tuple[list[int], list[int]]:
    """-> (letters sent now, letters that a crashed replay had sent)."""
    with database.transaction() as connection:
        waiting = set(states.claim(connection, ids, actor, reason))
        letters = states.claimed(connection, ids)
    found = arrived(kafka, [letter for letter in letters if letter.id not in waiting])
    unsent = [letter for letter in letters if letter.place not in found]
    producer.deliver(as_message(letter) for letter in unsent)
    _finish(database, letters)
    return [x.id for x in unsent], [x.id for x in letters if x.place in found]


def _finish(database: Database, letters: Sequence[Claimed]) -> None:
    with database.transaction() as connection:
        states.replayed(connection, [letter.id for letter in letters])
        for letter in letters:
            if letter.run_id and letter.stage and _is_uuid(letter.task_id):
                reopen(connection, letter.run_id, Stage(letter.stage), str(letter.task_id), letter.replay_count + 1)


def _refusal(letter: Kept, cancelled: frozenset[str]) -> str | None:
    """Why this letter can be replayed by nobody, if so."""
    if letter.state not in ("waiting", "replaying"):
        return f"it is {letter.state} already"
    if letter.origin_topic not in TARGETS:
        return f"its topic {letter.origin_topic} is none of {', '.join(sorted(TARGETS))}"
    if letter.run_id in cancelled:
        return f"its run {letter.run_id} was cancelled"
    return None


def _is_uuid(text: str | None) -> bool:
    try:
        UUID(text or "")
    except ValueError:
        return False
    return True
