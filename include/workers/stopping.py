"""How a worker comes to its end."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

log = logging.getLogger(__name__)


class Stopping:
    """Set once, for the first reason given; ``event`` wakes whoever waits."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self._lock = threading.Lock()
        self._unfit: BaseException | None = None

    @property
    def unfit(self) -> BaseException | None:
        """Why the worker must not commit anything any more, if so."""
        return self._unfit

    def ask(self) -> None:
        """Finish what is under way, then end."""
        self.event.set()

    def because_unfit(self, reason: BaseException) -> None:
        """End now and commit nothing: the worker is the problem."""
        with self._lock:
            self._unfit = self._unfit or reason
        self.event.set()


@contextmanager
def ended_by_signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set ``stop``; a second one ends the process at once."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def ended_within(stop: threading.Event, seconds: float, code: Callable[[], int]) -> Iterator[None]:
    """Once ``stop`` is set the block has ``seconds`` to end; then the process ends with ``code``.

    For what nobody can hurry: a task that hangs, a broker that does not answer a goodbye. It is as
    safe as a kill, which is what would come next: what was not committed is done again.
    """
    ended = threading.Event()

    def watch() -> None:
        stop.wait()
        if not ended.wait(seconds):
            log.error("the end took longer than %g s and is cut short: what is not committed comes again", seconds)
            os._exit(code())

    watcher = threading.Thread(target=watch, name="ending", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        stop.set()
        watcher.join()
