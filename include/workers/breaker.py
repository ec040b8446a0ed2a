"""Too many failures in a row mean that not the tasks are broken: stop, and probe now and then.

Closed, every task passes. Open, all wait; after a delay one of them is the probe. Its success
closes the breaker, its failure doubles the delay. A task that fails while the breaker is open is
held and tried again later; a probe that fails is given up, or one broken task would probe for ever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_LOOK_AGAIN_S = 0.25


class Breaker:
    """Thread-safe; ``threshold`` failures of different tasks in a row open it."""

    def __init__(
        self,
        *,
        threshold: int = 10,
        delay_s: float = 15.0,
        longest_s: float = 240.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = threshold
        self._first_delay_s = delay_s
        self._longest_s = longest_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._delay_s = delay_s
        self._probe_at: float | None = None  # None: closed
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether tasks are held."""
        return self._probe_at is not None

    def admit(self, sleep: Callable[[float], None]) -> bool:
        """Wait for permission to do a task; -> whether it is the probe. ``sleep`` raises to give up.

        Every admitted task ends with `succeeded`, `failed` or `left`.
        """
        while True:
            with self._lock:
                if self._probe_at is None:
                    return False
                if not self._probing and self._clock() >= self._probe_at:
                    self._probing = True
                    return True
            sleep(_LOOK_AGAIN_S)

    def succeeded(self) -> None:
        """A task was done: whatever was wrong is over."""
        with self._lock:
            self._failures = 0
            self._delay_s = self._first_delay_s
            self._probe_at = None
            self._probing = False

    def failed(self, probe: bool) -> bool:
        """A task failed for good; -> whether it is given up (False: hold it and admit it again)."""
        with self._lock:
            if probe:
                self._probing = False
                self._delay_s = min(2 * self._delay_s, self._longest_s)
                self._probe_at = self._clock() + self._delay_s
                return True
            if self._probe_at is not None:
                return False
            self._failures += 1
            if self._failures < self._threshold:
                return True
            self._probe_at = self._clock() + self._delay_s
            return False

    def left(self, probe: bool) -> None:
        """A task was abandoned without a verdict (its partition is gone): another may probe."""
        with self._lock:
            if probe:
                self._probing = False
