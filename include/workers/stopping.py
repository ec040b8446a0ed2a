"""How a worker comes to its end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


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
