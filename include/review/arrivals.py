"""Looking on the topics themselves whether a letter that a crash left behind had been sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from include.contracts import dead_letters as names
from include.review.states import Claimed
from include.transport.span import SpanReader

_CLOCKS_APART = timedelta(minutes=10)  # the broker keeps the producer's clock, the claim the database's


def arrived(kafka: Mapping[str, Any], letters: Sequence[Claimed]) -> frozenset[str]:
    """The places of those ``letters`` whose replay is on its topic. Raises Transient."""
    wanted = {letter.place for letter in letters}
    found: set[str] = set()
    for topic in {letter.origin_topic for letter in letters}:
        since = min(letter.claimed_at for letter in letters if letter.origin_topic == topic) - _CLOCKS_APART
        found.update(place for place in _replays(kafka, topic, since) if place in wanted)
    return frozenset(found)


def _replays(kafka: Mapping[str, Any], topic: str, since: datetime) -> Iterator[str]:
    """The letters that messages of ``topic`` since then say they replay."""
    # Which of several topics of one name it is makes no difference: a letter's place is in the message itself.
    with closing(SpanReader(kafka, {topic: ""})) as reader:
        for record in reader.read(reader.span([topic], since)):
            if place := record.headers.get(names.REPLAY_OF):
                yield place
