"""One route as a thread of the sink's process: it ends alone, and says why."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from include.stores.base import Store
from include.transport.consumer import consumer_settings
from include.workers.sink_metrics import RouteMetrics
from include.workers.sink_opening import Opening
from include.workers.sink_poison import Undertaker
from include.workers.sink_reading import Reading, RouteLoop
from include.workers.sink_routes import Route
from include.workers.sink_writing import Writer

log = logging.getLogger(__name__)

_SILENT_S = 60.0
# What the client fetches ahead of one route: enough for a batch, little enough for a process of six routes.
AHEAD = {"queued.min.messages": 10_000, "queued.max.messages.kbytes": 4 * 1024, "fetch.message.max.bytes": 64 * 1024}


class RunningRoute:
    """A route from its start to its end. ``on_end`` is called if it ends without having been asked to."""

    def __init__(
        self,
        route: Route,
        store: Store[Any],
        undertaker: Undertaker,
        kafka: Mapping[str, Any],
        worker: str,
        metrics: RouteMetrics,
        fault: Callable[[], str | None],
        on_end: Callable[[], None],
    ) -> None:
        self.name = route.name
        self._store = store
        self._opening = Opening(route.name, store)
        self._stop = threading.Event()
        self._metrics = metrics
        self._on_end = on_end
        self._writer = Writer(route.name, store, undertaker.bury, metrics, self._stop)
        self._loop = RouteLoop(
            Reading(route.name, route.topic.name, route.kind, route.wanted),
            consumer_settings(kafka, route.group, worker) | AHEAD,
            self._writer,
            self._stop,
            fault=lambda: self._opening.fault() or fault(),
        )
        self._thread = threading.Thread(target=self._run, name=route.name, daemon=True)
        self.failure: Exception | None = None

    @property
    def lag(self) -> int:
        """Messages that are not in the store yet, as far as the client knows."""
        return self._loop.lag

    @property
    def blocked(self) -> bool:
        """Whether it waits for its store."""
        return self._waits_because is not None

    @property
    def _waits_because(self) -> str | None:
        return self._opening.because or self._writer.blocked_because

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let it finish the batch that is being written, and commit it."""
        self._stop.set()

    def join(self) -> None:
        """Wait for its end, and let go of the store."""
        self._thread.join()
        self._store.close()

    def health(self) -> dict[str, Any]:
        """How it does: ``runs``, ``waits`` for its store, is ``held`` by a full disk, or has ``ended``."""
        silent_s = time.monotonic() - self._loop.polled_at
        waits, held = self._waits_because, self._loop.held_because
        state = "ended" if self.failure else "waits" if waits else "held" if held else "runs"
        return {
            "healthy": self.failure is None and (silent_s < _SILENT_S or self._stop.is_set()),
            "state": state,
            "because": str(self.failure) if self.failure else waits or held,
            "lag": self.lag,
            "new": self._metrics.new,
            "repeated": self._metrics.repeated,
            "poison": self._metrics.poison,
            "seconds_since_poll": round(silent_s, 1),
        }

    def _run(self) -> None:
        try:
            self._loop.run()
            log.info("%s has ended: what it wrote is committed", self.name)
        except Exception as error:  # the process hears of it, and the other routes go on
            self.failure = error
            log.critical("%s ends and commits nothing more: %s", self.name, error, exc_info=error)
            self._on_end()
