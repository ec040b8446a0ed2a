"""`stocks worker sink`: the price topics into the stores, one route each, and what is made of them beside.

market_ticks, stock-prices, trading-assets-market-data-v1, price-alerts -> PostgreSQL, MongoDB, SQLite, CSV
"""

from __future__ import annotations

import gc
import logging
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from signal import SIGTERM
from typing import Any

import msgspec

from include.contracts.tasks import SINK
from include.contracts.topics import SINK_ERRORS, Topic
from include.errors import ConfigurationError, Unfit
from include.ledger.cluster import check_cluster
from include.settings import DatabaseSettings, Home, KafkaSettings, WorkerSettings
from include.stores.postgres import Database
from include.transport.admin import cluster_id, topic_ids
from include.transport.producer import Producer
from include.workers.disk import DiskWatch
from include.workers.health import Health, serve_health
from include.workers.identity import announced, claim
from include.workers.logs import log_as_json
from include.workers.scrub import Scrubber
from include.workers.sink_metrics import SinkMetrics
from include.workers.sink_parts import PARTS, Means, Part
from include.workers.sink_poison import Undertaker
from include.workers.sink_routes import ROUTES, Place, Route
from include.workers.sink_running import RunningRoute
from include.workers.stopping import Stopping, ended_by_signals, ended_within

log = logging.getLogger(__name__)

_END_S = 20.0  # from SIGTERM to the end; the supervisor's patience is 25 s
_PARTS_END_S = 5.0  # for the round that a part is at; what it did not finish is done again
_SPARE_CONNECTIONS = 6


class SinkOrder(msgspec.Struct, frozen=True):
    """What `stocks worker sink` was asked for: ``only`` names routes and parts, empty is all that are configured."""

    only: tuple[str, ...] = ()
    name: str | None = None
    port: int = 0


def chosen(only: Collection[str], environment: Mapping[str, str]) -> tuple[list[Route], list[str]]:
    """-> the routes and the parts that run. Raises ConfigurationError when one asked for is unknown or cannot run."""
    known = [*(route.name for route in ROUTES), *PARTS]
    if unknown := set(only) - set(known):
        raise ConfigurationError(f"--only {sorted(unknown)[0]!r} is unknown; there are {', '.join(known)}")
    routes = []
    for route in ROUTES:
        missing = route.unset(environment)
        if missing and route.name in only:
            raise ConfigurationError(f"--only {route.name} cannot run: {missing}")
        if missing:
            log.info("%s does not run: %s", route.name, missing)
        elif not only or route.name in only:
            routes.append(route)
    return routes, [name for name in PARTS if not only or name in only]


def run_sink(order: SinkOrder, environment: Mapping[str, str]) -> None:
    """Work until SIGTERM or SIGINT. Raises ConfigurationError, Transient (at the start) or Unfit."""
    home = Home.from_env(environment).home
    with ExitStack() as stack:
        name = stack.enter_context(claim(home, SINK, order.name))
        _tune()
        log_as_json(name, Scrubber(environment))
        stopping = Stopping()
        stack.enter_context(ended_within(stopping.event, _END_S, lambda: 128 + SIGTERM))
        sink = _assemble(stack, order, environment, home, name, stopping)
        stack.enter_context(ended_by_signals(stopping.event))
        port = stack.enter_context(serve_health(order.port, lambda: sink.health(name), sink.metrics.exposition))
        stack.enter_context(announced(home, name, SINK, port))
        log.info("worker %s runs %s; http://127.0.0.1:%d/healthz", name, ", ".join(sink.names), port)
        sink.run()
        log.info("worker %s has ended: what it wrote is committed", name)


def _tune() -> None:
    """Threads that take turns quickly, and few looks at objects by the thousand of which none is ever garbage alone.

    With Python's own settings a writer that comes back from the database waits 5 ms for the thread that decodes, and
    a fifth of all time goes into collecting what reference counts free anyway.
    """
    sys.setswitchinterval(0.0005)
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _assemble(
    stack: ExitStack,
    order: SinkOrder,
    environment: Mapping[str, str],
    home: Path,
    name: str,
    stopping: Stopping,
) -> Sink:
    routes, parts = chosen(order.only, environment)
    kafka = KafkaSettings.from_env(environment).librdkafka()
    database = Database(DatabaseSettings.from_env(environment).connection, size=len(routes) + _SPARE_CONNECTIONS)
    stack.callback(database.close)
    _check(kafka, database, [route.topic for route in routes])
    producer = stack.enter_context(Producer(kafka | {"client.id": name}))
    disk = DiskWatch((home, Path(tempfile.gettempdir())), WorkerSettings.from_env(environment).min_free_disk_mib)
    sink = Sink(stopping)
    scrub, place = Scrubber(environment), Place(environment, database)
    for route in routes:
        undertaker = Undertaker(route.group, route.kind, producer, scrub)
        metrics = sink.metrics.of(route.name)
        sink.add(RunningRoute(route, route.open(place), undertaker, kafka, name, metrics, disk.fault, sink.on_end))
    means = Means(name, environment, kafka, database, producer)
    sink.parts = [PARTS[part](means) for part in parts]
    return sink


def _check(kafka: Mapping[str, Any], database: Database, topics: Collection[Topic]) -> None:
    """Refuse to start where work could only go wrong. Raises ConfigurationError or Transient."""
    check_cluster(database, cluster_id(kafka))
    needed = {topic.name: topic for topic in (*topics, SINK_ERRORS)}
    missing = needed.keys() - topic_ids(kafka, needed.values()).keys()
    if missing:
        raise ConfigurationError(
            f"the topics {', '.join(sorted(missing))} do not exist; create them with: stocks topics"
        )


class Sink:
    """The routes and parts of one process. A route that ends by itself leaves the others running."""

    def __init__(self, stopping: Stopping) -> None:
        self._stopping = stopping
        self._routes: list[RunningRoute] = []
        self.parts: list[Part] = []
        self.metrics = SinkMetrics()

    @property
    def names(self) -> list[str]:
        """What runs."""
        return [one.name for one in self._all]

    @property
    def _all(self) -> list[RunningRoute | Part]:
        return [*self._routes, *self.parts]

    def add(self, route: RunningRoute) -> None:
        """One more route."""
        self._routes.append(route)
        watch = self.metrics.watch
        watch(route.name, "stocks_sink_lag", "Messages that are not in the store yet", lambda: route.lag)
        watch(route.name, "stocks_sink_blocked", "1 while the store is waited for", lambda: route.blocked)

    def run(self) -> None:
        """Work until asked to stop. Raises Unfit if a route ended by itself."""
        for one in self._all:
            one.start()
        self._stopping.event.wait()
        self._end()
        failed = [route for route in self._routes if route.failure is not None]
        if failed:
            raise Unfit("; ".join(f"{route.name}: {route.failure}" for route in failed)) from failed[0].failure

    def _end(self) -> None:
        """All are asked before any is waited for: together they take as long as the slowest, not as their sum."""
        for one in self._all:
            one.ask_to_stop()
        deadline = time.monotonic() + _PARTS_END_S
        for route in self._routes:
            route.join()
        for part in self.parts:
            part.join(max(0.0, deadline - time.monotonic()))

    def on_end(self) -> None:
        """A route has ended by itself: when nothing is left to do, so does the process."""
        if not self.parts and all(route.failure is not None for route in self._routes):
            self._stopping.ask()

    def health(self, worker: str) -> Health:
        """What /healthz answers."""
        detail = {one.name: one.health() for one in self._all}
        return Health(
            healthy=all(route.health()["healthy"] for route in self._routes),
            worker=worker,
            stage=SINK,
            detail=detail,
        )
