"""What a route has read and not written yet, and how far that reaches in each of its partitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec
from confluent_kafka import KafkaError

from include.transport.codec import UNREADABLE

Decode = Callable[[bytes], Any]


class Bounds(msgspec.Struct, frozen=True):
    """How much one batch holds at most, and for how long a batch that is not full waits for more."""

    messages: int = 4_000
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
        self, sources: Iterable[Any], held: dict[int, Held], wanted: Callable[[Any], bool] | None
    ) -> list[KafkaError]:
        """Take what was read: decoded, or as poison; what is not ``wanted`` is passed over. -> what are no messages."""
        decode, messages, kept, errors = self._decode, self.messages, self.sources, []
        owner, last, size = None, None, 0
        for source in sources:
            if source.error() is not None:
                errors.append(source.error())
                continue
            if last is None or source.partition() != last.partition():  # they come in runs of one partition
                self._reached(owner, last)
                owner = held.get(source.partition())
            last = source
            if owner is None:  # handed over while this was on its way
                continue
            value = source.value() or b""
            size += len(value)
            try:
                message = decode(value)
            except UNREADABLE as error:
                self.poison.append(Poison(source, error))
                continue
            if wanted is None or wanted(message):
                messages.append(message)
                kept.append(source)
        self._reached(owner, last)
        self.bytes += size
        return errors

    def _reached(self, owner: Held | None, last: Any) -> None:
        if owner is not None:
            self.ends[owner] = last.offset() + 1

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
