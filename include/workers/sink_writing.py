"""Bringing a batch to its end: written, its poison acknowledged as dead letters. Only then may it be committed.

A store that is away is waited for: the batch stays, nothing is lost, and nothing else is held up but the
route itself.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from include.errors import StocksError, Transient
from include.stores.base import Ready, Store
from include.workers.sink_batch import Batch, Held, Poison
from include.workers.sink_keeping import Keeper
from include.workers.sink_metrics import RouteMetrics

log = logging.getLogger(__name__)

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.25, 15.0

Bury = Callable[[Sequence[Poison]], None]


class Writer:
    """Writes one batch at a time in a thread of its own, while the next one is read.

    ``bury`` brings poison to the dead letters and returns when the broker has it.
    """

    def __init__(self, name: str, store: Store[Any], bury: Bury, metrics: RouteMetrics, stop: threading.Event) -> None:
        self._name = name
        self._keeper = Keeper(store)
        self._bury = bury
        self._metrics = metrics
        self._stop = stop
        self._changed = threading.Condition()
        self._batch: Batch | None = None
        self._prepared: Ready | None = None
        self._written: dict[Held, int] = {}
        self._closed = False
        self.failure: Exception | None = None
        self.blocked_because: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"{name}-writer", daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        """Whether it takes a batch."""
        return self._batch is None

    def prepare(self, batch: Batch) -> Ready | None:
        """Do for ``batch`` what can be done before its turn, in the caller's thread."""
        return self._keeper.prepare(batch)

    def submit(self, batch: Batch, prepared: Ready | None) -> None:
        """Write ``batch``; only while ``idle``."""
        with self._changed:
            self._batch, self._prepared = batch, prepared
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until it is idle, at most so long; -> whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._batch is None or self.failure is not None, seconds)

    def take_written(self) -> dict[Held, int]:
        """The offsets up to which batches were brought to their end since the last call: they may be committed."""
        with self._changed:
            written, self._written = self._written, {}
            return written

    def close(self) -> None:
        """End the thread; a batch that waits for its store is given up."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._batch is not None or self._closed)
                batch = self._batch
            if batch is None:
                return
            try:
                ended = self._write(batch)
            except Exception as error:  # noqa: BLE001 - Unfit, or a fault of our own: the route's thread raises it
                with self._changed:
                    self.failure = error
                    self._changed.notify_all()
                return
            with self._changed:
                self._written |= batch.ends if ended else {}
                self._batch = self._prepared = None
                self._changed.notify_all()

    def _write(self, batch: Batch) -> bool:
        """-> whether the batch was brought to its end; it is given up when the process is to end."""
        began = time.monotonic()
        kept = self._patiently(lambda: self._keeper.keep_batch(batch, self._prepared))
        if kept is None:
            return False
        seconds = time.monotonic() - began
        poison = [*batch.poison, *(Poison(batch.sources[n], error) for n, error in kept.refused)]
        if poison and self._patiently(lambda: self._bury(poison) or True) is None:
            return False
        self._metrics.wrote(len(batch.sources), kept.new, len(poison), seconds)
        return True

    def _patiently(self, work: Callable[[], Any]) -> Any:
        """The outcome of ``work``, repeated as long as it is Transient; None when the process is to end before."""
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                found = work()
            except Transient as error:
                self._blocked(error)
            else:
                self._unblocked()
                return found
            if self._stop.wait(wait_s * random.uniform(0.5, 1.0)) or self._closed:  # noqa: S311 - spread, not secret
                return None
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def _blocked(self, error: StocksError) -> None:
        if self.blocked_because is None:
            log.error("%s waits, its messages stay in Kafka: %s", self._name, error)
        self.blocked_because = str(error)

    def _unblocked(self) -> None:
        if self.blocked_because is not None:
            log.info("%s goes on", self._name)
            self.blocked_because = None
