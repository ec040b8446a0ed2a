"""The review as a person uses it: one database, one broker, actions on record. The console uses the same."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from include.errors import ConfigurationError
from include.ledger.place import open_database
from include.ledger.progress import resolve
from include.review import reading, states
from include.review.reading import Kept, Opened
from include.review.replay import Replayed, plan, replay
from include.review.selection import STATES, Selection
from include.settings import KafkaSettings, environment
from include.stores.postgres import Database
from include.transport.admin import cluster_id

_ANSWERS_WITHIN_S = 10.0


class Desk:
    """Everything that can be done with dead letters. ``kafka`` are librdkafka's settings."""

    def __init__(self, database: Database, kafka: Mapping[str, Any]) -> None:
        self.database = database
        self._kafka = kafka

    @classmethod
    @contextmanager
    def open(cls, env: Mapping[str, str] | None = None) -> Iterator[Desk]:
        """The desk of the configured broker and database. Raises ConfigurationError."""
        env = environment() if env is None else env
        kafka = KafkaSettings.from_env(env).librdkafka()
        with open_database(env) as database:
            yield cls(database, kafka)

    def listed(self, selection: Selection, limit: int | None = None) -> tuple[list[Kept], int]:
        """-> the newest letters of the selection, and how many there are."""
        with self.database.transaction() as connection:
            return reading.listed(connection, selection, limit)

    def cut_short(self, selection: Selection) -> int:
        """How many letters of the selection are being replayed now, or were left so by a replay that was cut short."""
        replaying = msgspec.structs.replace(selection, states=("replaying",))
        return self.listed(replaying, 0)[1]

    def opened(self, letter_id: int) -> Opened:
        """One letter in full. Raises ConfigurationError when there is none of that id."""
        with self.database.transaction() as connection:
            return reading.opened(connection, letter_id)

    def wanted(self, selection: Selection) -> tuple[list[Kept], list[int]]:
        """-> the letters selected, oldest first, and the ids asked for that are not among them."""
        letters, _total = self.listed(selection)
        return letters[::-1], sorted(set(selection.ids) - {letter.id for letter in letters})

    def plan(self, letters: Sequence[Kept]) -> Replayed:
        """What `replay` would do now; changes nothing."""
        refused = plan(self.database, letters)
        return Replayed(sent=tuple(x.id for x in letters if x.id not in refused), refused=refused)

    def replay(self, letters: Sequence[Kept], actor: str, reason: str) -> Replayed:
        """Send ``letters`` again, on record. Raises Transient; before any is touched where Kafka does not answer."""
        cluster_id(self._kafka, timeout_s=_ANSWERS_WITHIN_S)
        return replay(self.database, self._kafka, letters, actor, reason)

    def discard(self, letters: Sequence[Kept], actor: str, reason: str) -> list[int]:
        """Put ``letters`` aside, on record; -> those that still waited."""
        with self.database.transaction() as connection:
            mine = states.lock(connection, [letter.id for letter in letters])
            return states.discard(connection, mine, actor, reason)


def choose(
    desk: Desk,
    ids: Sequence[int] | None,
    fingerprint: str | None,
    region: str | None,
    run: str | None,
    *,
    states: tuple[str, ...],
    everything: bool = False,
) -> Selection:
    """The selection that a command line means. Raises ConfigurationError for an unknown state or run."""
    if unknown := set(states) - set(STATES):
        raise ConfigurationError(f"--state {unknown.pop()!r} is unknown; it is any or one of {', '.join(STATES)}")
    run_id = None
    if run is not None:
        with desk.database.transaction() as connection:
            run_id = resolve(connection, run)
    return Selection(
        ids=tuple(ids or ()),
        fingerprint=fingerprint,
        region=region,
        run_id=run_id,
        states=states,
        everything=everything,
    )


def required_reason(reason: str) -> str:
    """The reason. Raises ConfigurationError when there is none."""
    if not reason.strip():
        raise ConfigurationError("say why with --reason; it is kept with the letter")
    return reason.strip()


def actor() -> str:
    """Who acts: the user of the operating system."""
    return getpass.getuser()
