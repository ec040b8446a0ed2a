"""Writing a batch so that one message which a store chokes on does not keep the others out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import msgspec

from include.errors import Transient, Unfit
from include.stores.base import PreparingStore, Ready, Store, Written
from include.workers.sink_batch import Batch

log = logging.getLogger(__name__)

# A store refuses by name what it knows that it cannot keep. So many other failures in a row are its own.
_CHOKED_AT_MOST = 50


class Kept(msgspec.Struct, frozen=True):
    """What a store did with messages: ``new`` rows, and what it refused, by position."""

    new: int
    refused: tuple[tuple[int, Exception], ...] = ()


class Refused(Exception):
    """The store's own words on a message that it can never keep."""


class Keeper:
    """Writes batches into ``store`` so that one message which the store chokes on does not keep the others out."""

    def __init__(self, store: Store[Any]) -> None:
        self._store = store
        self._choked = 0

    def prepare(self, batch: Batch) -> Ready | None:
        """``batch`` made ready for the store; None if it does that itself, or chokes on a message."""
        if not isinstance(self._store, PreparingStore):
            return None
        try:
            prepared = self._store.prepare(batch.messages)
        except Exception as error:  # noqa: BLE001 - ``keep`` finds out which message it is
            log.debug("a batch could not be made ready: %s", error)
            return None
        batch.let_go()
        return prepared

    def keep_batch(self, batch: Batch, prepared: Ready | None) -> Kept:
        """Write ``batch``, as it was made ready if it was. Raises Transient or Unfit."""
        if prepared is not None:
            try:
                return self._kept(prepared.write(), 0)
            except (Transient, Unfit):
                raise
            except Exception as error:  # noqa: BLE001 - ``keep`` finds out which message it is
                log.debug("a batch could not be written at once: %s", error)
        return self.keep(batch.messages)

    def keep(self, messages: Sequence[Any], first: int = 0) -> Kept:
        """Write ``messages``, whose positions count from ``first``; what the store chokes on is found by halving.

        Raises Transient or Unfit, which are not about the messages.
        """
        if not messages:
            return Kept(0)
        try:
            written = self._store.write(messages)
        except (Transient, Unfit):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a message does to a store, the others go on
            if len(messages) == 1:
                return self._choked_on(first, error)
            middle = len(messages) // 2
            halves = self.keep(messages[:middle], first), self.keep(messages[middle:], first + middle)
            return Kept(sum(half.new for half in halves), halves[0].refused + halves[1].refused)
        return self._kept(written, first)

    def _kept(self, written: Written, first: int) -> Kept:
        self._choked = 0
        return Kept(written.new, tuple((first + r.position, Refused(r.why)) for r in written.refused))

    def _choked_on(self, position: int, error: Exception) -> Kept:
        """A dead letter; but many in a row mean that not the messages are broken."""
        self._choked += 1
        if self._choked >= _CHOKED_AT_MOST:
            raise Unfit(f"the store fails at every message, {self._choked} in a row: {error!r}") from error
        return Kept(0, ((position, error),))
