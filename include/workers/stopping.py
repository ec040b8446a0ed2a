"""How a worker comes to its end."""

from __future__ import annotations

import threading


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
