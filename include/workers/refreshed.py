"""A value that may be a little old, so that asking for it costs nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from include.errors import Transient

T = TypeVar("T")
log = logging.getLogger(__name__)


class Refreshed(Generic[T]):
    """``read()``'s answer, at most ``every_s`` old while the source answers; the last one while it does not.

    The first answer is read at once, and its failure raised.
    """

    def __init__(self, read: Callable[[], T], every_s: float) -> None:
        self._read = read
        self._value = read()
        self._every_s = every_s
        self._due = time.monotonic() + every_s
        self._turn = threading.Lock()

    def __call__(self) -> T:
        """The value; one caller refreshes it, the others do not wait for that."""
        if time.monotonic() >= self._due and self._turn.acquire(blocking=False):
            try:
                self._value = self._read()
            except Transient as error:
                log.warning("working with a value that is older than %g s: %s", self._every_s, error)
            finally:
                self._due = time.monotonic() + self._every_s
                self._turn.release()
        return self._value
