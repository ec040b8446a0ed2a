"""What a worker counts, as Prometheus reads it. A registry of its own per worker, so nothing is global."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from include.contracts.tasks import Stage

_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
RESULTS = ("completed", "repeated", "skipped", "poison", "exhausted", "breaker")


class Metrics:
    """Thread-safe counters and gauges of one worker of one stage."""

    def __init__(self, stage: Stage) -> None:
        registry = self._registry = CollectorRegistry()
        self._stage = stage
        names = ("stage",)
        tasks = Counter("stocks_worker_tasks", "Tasks that ended, by how", (*names, "result"), registry=registry)
        self._tasks = {result: tasks.labels(stage, result) for result in RESULTS}
        self._seconds = Histogram(
            "stocks_worker_task_seconds", "From begun to reported", names, buckets=_BUCKETS_S, registry=registry
        ).labels(stage)
        self._retries = Counter(
            "stocks_worker_retries", "Attempts after a task's first", names, registry=registry
        ).labels(stage)
        self._pauses = Counter(
            "stocks_worker_source_pauses", "Refusals that paused the source", names, registry=registry
        ).labels(stage)
        self._in_flight = Gauge("stocks_worker_tasks_in_flight", "Tasks under way", names, registry=registry).labels(
            stage
        )

    def ended(self, result: str, seconds: float) -> None:
        """A task ended; ``result`` is one of RESULTS."""
        self._tasks[result].inc()
        self._seconds.observe(seconds)

    def retried(self) -> None:
        """An attempt failed and is repeated."""
        self._retries.inc()

    def refused(self) -> None:
        """The source refused everybody and was paused."""
        self._pauses.inc()

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """A task is under way within the block."""
        with self._in_flight.track_inprogress():
            yield

    def watch(self, name: str, description: str, value: Callable[[], float]) -> None:
        """A gauge that is asked for its value whenever Prometheus reads."""
        Gauge(name, description, ("stage",), registry=self._registry).labels(self._stage).set_function(value)

    def count(self, result: str) -> int:
        """How many tasks ended so."""
        value = self._registry.get_sample_value(
            "stocks_worker_tasks_total", {"stage": str(self._stage), "result": result}
        )
        return int(value or 0)

    def exposition(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self._registry)
