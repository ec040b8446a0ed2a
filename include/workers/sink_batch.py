"""What a route has read and not written yet, and how far that reaches in each of its partitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any, NamedTuple

import msgspec
from confluent_kafka import KafkaError

from include.transport.codec import UNREADABLE

Decode = Callable[[bytes], Any]


class Bounds(msgspec.Struct, frozen=True):
    """How much one batch holds at most, and for how long a batch that is not full waits for more."""

    messages: int = 8_000
    bytes: int = 8 * 2**20
    age_s: float = 0.02


class Held:
    """One assignment of one partition; closed when it is taken away, for then its offsets are somebody else's."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.closed = False
        self.written_to: int | None = None  # the offset after the last that is in the store


class Poison(NamedTuple):
    """A message that can never be written, and why."""

    message: Any
    error: Exception


class Batch:
    """Messages in the order they were read, with the Kafka messages that they came as (``sources``), one by one.

    ``ends`` says for each partition up to where it was read: to be committed when all of this is written.
    """

    def __init__(self, bounds: Bounds, decode: Decode) -> None:
        self._bounds = bounds
        self._decode = decode
        self._messages: list[Any] | None = []
        self.sources: list[Any] = []
        self.poison: list[Poison] = []
        self.ends: dict[Held, int] = {}
        self.bytes = 0

    def __bool__(self) -> bool:
        """Whether anything was read, be it only to be passed over."""
        return bool(self.ends)

    @property
    def room(self) -> int:
        """How many more messages it takes."""
        return 0 if self.bytes >= self._bounds.bytes else self._bounds.messages - len(self.sources) - len(self.poison)

    @property
    def messages(self) -> list[Any]:
        """What was decoded; decoded anew if it was let go of."""
        if self._messages is None:
            self._messages = [self._decode(source.value()) for source in self.sources]
        return self._messages

    def let_go(self) -> None:
        """Hold the Kafka messages alone, a third of the memory: whoever made ready what is here needs no more."""
        self._messages = None

    def add(
        self, sources: Sequence[Any], held: dict[int, Held], wanted: Callable[[Any], bool] | None
    ) -> list[KafkaError]:
        """Take what was read: decoded, or as poison; what is not ``wanted`` is passed over. -> what are no messages."""
        if not sources:  # and nothing that was let go of is needed
            return []
        errors = [error for source in sources if (error := source.error()) is not None]
        ours = [source for source in sources if source.error() is None] if errors else sources
        numbers = [source.partition() for source in ours]
        last = dict(zip(numbers, ours, strict=True))
        if not last.keys() <= held.keys():  # some were handed over while this was on its way
            ours = [source for source in ours if source.partition() in held]
        self.ends |= {held[number]: source.offset() + 1 for number, source in last.items() if number in held}
        messages, kept = self._readable(ours)
        if wanted is not None:
            chosen = [wanted(message) for message in messages]
            messages, kept = list(compress(messages, chosen)), list(compress(kept, chosen))
        self.messages.extend(messages)
        self.sources.extend(kept)
        return errors

    def _readable(self, sources: Sequence[Any]) -> tuple[list[Any], Sequence[Any]]:
        """-> what was decoded, and what from. All at once, and one by one only where something is poison."""
        values = [source.value() or b"" for source in sources]
        self.bytes += sum(map(len, values))
        try:
            return list(map(self._decode, values)), sources
        except UNREADABLE:
            pass
        messages, kept = [], []
        for source, value in zip(sources, values, strict=True):
            try:
                messages.append(self._decode(value))
            except UNREADABLE as error:
                self.poison.append(Poison(source, error))
            else:
                kept.append(source)
        return messages, kept

    def drop(self, gone: set[Held]) -> bool:
        """Forget what was read of partitions that are not ours any more; -> whether there was any."""
        if not gone & self.ends.keys():
            return False
        numbers = {held.partition for held in gone}
        left = [(m, s) for m, s in zip(self.messages, self.sources, strict=True) if s.partition() not in numbers]
        self._messages, self.sources = [m for m, _ in left], [s for _, s in left]
        self.poison = [p for p in self.poison if p.message.partition() not in numbers]
        self.ends = {held: end for held, end in self.ends.items() if held not in gone}
        return True
