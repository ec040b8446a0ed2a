"""Work that comes back every so often, in a thread of its own, whatever happened the last time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from include.errors import Transient

log = logging.getLogger(__name__)

_LONGEST_WAIT_S = 30.0


class Rounds:
    """Calls ``work`` every ``every_s`` seconds, at once again as long as it returns True (there is more to do).

    A round that fails is repeated after a wait that doubles; a lost database is no reason to end. A round that
    takes long looks at ``stopping``, and says ``works`` when it is past what may have failed before.
    """

    def __init__(self, name: str, work: Callable[[], bool], *, every_s: float) -> None:
        self.name = name
        self.stopping = threading.Event()
        self._work = work
        self._every_s = every_s
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._failures = 0
        self._fault: str | None = None

    def start(self) -> None:
        """Begin with the first round."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """End after the round that is under way."""
        self.stopping.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the end, at most so long; before ``start`` there is nothing to wait for."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ask, and wait."""
        self.ask_to_stop()
        self.join(timeout_s)

    def works(self) -> None:
        """What failed before is over."""
        if self._fault is not None:
            log.info("%s: works again", self.name)
        self._failures, self._fault = 0, None

    def health(self) -> dict[str, Any]:
        """``healthy``, and the ``fault`` that the last round failed by, if it did."""
        alive = self._thread.is_alive() or self.stopping.is_set()
        return {"healthy": alive and self._fault is None, "fault": self._fault}

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                again_s = 0.0 if self._work() else self._every_s
                self.works()
            except Exception as error:  # noqa: BLE001 - this thread is the last one to hear of it, and must go on
                again_s = self._failed(error)
            self.stopping.wait(again_s)

    def _failed(self, error: Exception) -> float:
        wait_s = min(_LONGEST_WAIT_S, max(1.0, self._every_s) * 2.0 ** min(self._failures, 10))
        self._failures += 1
        unexpected = None if isinstance(error, Transient) else error
        if str(error) != self._fault or unexpected:
            log.error("%s: %s; again in %.0f s", self.name, error, wait_s, exc_info=unexpected)
        self._fault = str(error) or type(error).__name__
        return wait_s
