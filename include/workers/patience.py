"""Waiting that ends when there is nothing left to wait for."""

from __future__ import annotations

import threading
import time

from include.workers.window import Window

_SLICE_S = 0.5


class Abandoned(Exception):
    """Nobody waits for this task here any more: the worker stops, or its partition is another's."""


class Patience:
    """How long the work on one task may wait: until the worker stops or loses the task's partition."""

    def __init__(self, stop: threading.Event, window: Window) -> None:
        self._stop = stop
        self._window = window

    def wait(self, seconds: float) -> bool:
        """Wait that long; -> whether to give up instead of going on."""
        ends = time.monotonic() + seconds
        while not self._window.closed:
            left = ends - time.monotonic()
            if left <= 0:
                return self._stop.is_set()
            if self._stop.wait(min(left, _SLICE_S)):
                return True
        return True

    def sleep(self, seconds: float) -> None:
        """Wait that long. Raises Abandoned when it is time to give up."""
        if self.wait(seconds):
            raise Abandoned
