"""What the sink can never write goes to the topic ``sink-errors``, with the headers of every dead letter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from include.contracts.dead_letters import Disposition
from include.contracts.tasks import SINK
from include.errors import Permanent
from include.transport.codec import UNREADABLE, unreadable
from include.transport.producer import Message, Producer
from include.transport.record import from_message
from include.workers.dead_letter import Failure, dead_letter, now, without_extras
from include.workers.sink_batch import Poison


class Undertaker:
    """Sends dead letters of one route's group, which reads messages of ``kind``; waits until the broker has them."""

    def __init__(self, group: str, kind: type, producer: Producer, scrub: Callable[[str], str]) -> None:
        self._group = group
        self._kind = kind
        self._producer = producer
        self._scrub = scrub

    def bury(self, poison: Sequence[Poison]) -> None:
        """Bring ``poison`` to the dead letters, acknowledged. Raises Transient or Unfit."""
        letters = [self._letter(one) for one in poison]
        try:
            self._producer.deliver(letters)
        except Permanent:  # too large with all that is said in its headers
            self._producer.deliver(without_extras(letter) for letter in letters)

    def _letter(self, poison: Poison) -> Message:
        at = now()
        failure = Failure(
            error=self._in_words(poison),
            disposition=Disposition.POISON,
            attempts=1,
            first_failed_at=at,
            failed_at=at,
            run_id=None,
            task_id=None,
        )
        return dead_letter(SINK, self._group, from_message(poison.message, topic_id=""), failure, self._scrub)

    def _in_words(self, poison: Poison) -> Exception:
        """The same words for the same fault wherever a message is read: a route decodes by itself, for speed."""
        if not isinstance(poison.error, UNREADABLE):
            return poison.error
        said = unreadable(poison.message.value(), self._kind, poison.error)
        said.__cause__ = poison.error
        return said
