"""What the sink counts, as Prometheus reads it: one label per route."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class SinkMetrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        names = ("route", "result")
        self._messages = Counter(
            "stocks_sink_messages", "Messages that were brought to their end", names, registry=self._registry
        )
        self._seconds = Histogram(
            "stocks_sink_write_seconds",
            "One batch into its store",
            ("route",),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._gauges: dict[str, Gauge] = {}

    def of(self, route: str) -> RouteMetrics:
        """The counters of one route."""
        results = {result: self._messages.labels(route, result) for result in ("new", "repeated", "poison")}
        return RouteMetrics(results, self._seconds.labels(route))

    def watch(self, route: str, name: str, description: str, value: Callable[[], float]) -> None:
        """A gauge that is asked for its value whenever Prometheus reads."""
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, description, ("route",), registry=self._registry)
        self._gauges[name].labels(route).set_function(value)

    def exposition(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self._registry)


class RouteMetrics:
    """The counters of one route; thread-safe."""

    def __init__(self, results: dict[str, Counter], seconds: Histogram) -> None:
        self._results = results
        self._seconds = seconds
        self.new = self.repeated = self.poison = 0

    def wrote(self, messages: int, new: int, poison: int, seconds: float) -> None:
        """A batch was brought to its end: ``messages`` were decoded, ``poison`` became dead letters."""
        repeated = max(0, messages - new - poison)
        self.new += new
        self.repeated += repeated
        self.poison += poison
        for result, count in (("new", new), ("repeated", repeated), ("poison", poison)):
            self._results[result].inc(count)
        self._seconds.observe(seconds)
