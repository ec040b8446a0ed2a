"""A worker process, put together: broker, database, handler, loop, and the way it ends."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from signal import SIGTERM
from typing import Any

import msgspec

from include.contracts.tasks import Stage
from include.contracts.topics import COMPLETIONS_OF, ERRORS_OF, PROCESSING_TASKS, TASKS_OF
from include.errors import ConfigurationError
from include.ledger.cancel import cancelled_runs
from include.ledger.cluster import check_cluster
from include.settings import DatabaseSettings, Home, KafkaSettings, WorkerSettings
from include.stores.postgres import Database
from include.transport.admin import cluster_id, topic_ids
from include.transport.consumer import consumer_settings, group_of
from include.transport.limits import parse_limits
from include.transport.producer import Producer
from include.transport.quota import Quota
from include.workers.breaker import Breaker
from include.workers.disk import DiskWatch
from include.workers.handler import Handler, Workplace
from include.workers.health import Health, serve_health
from include.workers.identity import announced, claim
from include.workers.logs import log_as_json
from include.workers.loop import Bounds, Loop
from include.workers.metrics import Metrics
from include.workers.refreshed import Refreshed
from include.workers.retry import Retry
from include.workers.scrub import Scrubber
from include.workers.stopping import Stopping, ended_by_signals, ended_within
from include.workers.work import Means, Work

log = logging.getLogger(__name__)

_CANCELLED_EVERY_S = 2.0
_POLL_THREAD_SILENT_S = 60.0
_END_S = 20.0  # from SIGTERM to the end; the supervisor's patience is 25 s
_SPARE_CONNECTIONS = 4  # beside one per thread: cancelled runs, and whatever a handler does on the side
# A worker that is stopped amid a transaction (a paused machine, a cut line) holds up no other for longer than this.
_IDLE_S = 30.0

Build = Callable[[Workplace], Handler[Any]]


class Order(msgspec.Struct, frozen=True):
    """What `stocks worker` was asked for. ``port`` 0 is any free one, ``name`` None a derived one."""

    stage: Stage
    concurrency: int
    name: str | None = None
    port: int = 0


def run_worker(order: Order, environment: Mapping[str, str], build: Build) -> None:
    """Work until SIGTERM or SIGINT. Raises ConfigurationError, Transient (at the start) or Unfit."""
    home = Home.from_env(environment).home
    with ExitStack() as stack:
        name = stack.enter_context(claim(home, order.stage, order.name))
        log_as_json(name, Scrubber(environment))
        stopping = Stopping()
        stack.enter_context(ended_within(stopping.event, _END_S, lambda: 1 if stopping.unfit else 128 + SIGTERM))
        loop, means = _assemble(stack, order, environment, build, home, name, stopping)
        stack.enter_context(ended_by_signals(stopping.event))
        port = stack.enter_context(
            serve_health(order.port, lambda: _health(order, name, loop, means, stopping), means.metrics.exposition)
        )
        stack.enter_context(announced(home, name, order.stage, port))
        log.info(
            "worker %s takes %s with %d threads; http://127.0.0.1:%d/healthz",
            name,
            order.stage,
            order.concurrency,
            port,
        )
        loop.run()
        log.info("worker %s has ended: what it finished is committed", name)


def _assemble(
    stack: ExitStack,
    order: Order,
    environment: Mapping[str, str],
    build: Build,
    home: Path,
    name: str,
    stopping: Stopping,
) -> tuple[Loop, Means]:
    settings = WorkerSettings.from_env(environment)
    kafka = KafkaSettings.from_env(environment).librdkafka()
    size = order.concurrency + _SPARE_CONNECTIONS
    database = Database(DatabaseSettings.from_env(environment).connection, size=size, idle_s=_IDLE_S)
    stack.callback(database.close)
    _check(kafka, database, order.stage)
    producer = stack.enter_context(Producer(kafka | {"client.id": name}))
    source_quota = Quota(database.transaction, "yahoo", parse_limits(settings.yahoo_quota))
    place = Workplace(name, environment, home, database, lambda: source_quota.take(stopping.event.wait))
    handler = build(place)
    stack.callback(handler.close)
    means = Means(
        worker=name,
        group=group_of(order.stage),
        database=database,
        producer=producer,
        quota=source_quota,
        retry=Retry(attempts=settings.attempts, budget_s=settings.wait_budget_s),
        breaker=Breaker(),
        metrics=Metrics(order.stage),
        cancelled=Refreshed(lambda: cancelled_runs(database), _CANCELLED_EVERY_S),
        scrub=Scrubber(environment),
        stop=stopping.event,
    )
    disk = DiskWatch((home, Path(tempfile.gettempdir())), settings.min_free_disk_mib)
    loop = Loop(
        consumer_settings(kafka, means.group, name),
        TASKS_OF[order.stage].name,
        Work(handler, means),
        Bounds(concurrency=order.concurrency),
        stopping,
        fault=disk.fault,
        busy=lambda: means.breaker.is_open,
    )
    _watch(means, loop)
    return loop, means


def _check(kafka: Mapping[str, Any], database: Database, stage: Stage) -> None:
    """Refuse to start where work could only go wrong. Raises ConfigurationError or Transient."""
    check_cluster(database, cluster_id(kafka))
    needed = {t.name: t for t in (TASKS_OF[stage], COMPLETIONS_OF[stage], ERRORS_OF[stage], PROCESSING_TASKS)}
    missing = needed.keys() - topic_ids(kafka, needed.values()).keys()
    if missing:
        raise ConfigurationError(
            f"the topics {', '.join(sorted(missing))} do not exist; create them with: stocks topics"
        )


def _watch(means: Means, loop: Loop) -> None:
    watch = means.metrics.watch
    watch("stocks_worker_lag", "Messages of our partitions that are not committed", lambda: loop.lag)
    watch("stocks_worker_tasks_held", "Tasks that wait in memory or are under way", lambda: loop.lanes.runnable)
    watch(
        "stocks_worker_breaker_open", "1 while too many failures in a row hold all tasks", lambda: means.breaker.is_open
    )
    watch("stocks_worker_paused", "1 while nothing is read from the topic", lambda: loop.assignment.all_paused)


def _health(order: Order, name: str, loop: Loop, means: Means, stopping: Stopping) -> Health:
    silent_s = time.monotonic() - loop.polled_at
    return Health(
        healthy=stopping.unfit is None and silent_s < _POLL_THREAD_SILENT_S,
        worker=name,
        stage=order.stage,
        detail={
            "unfit": str(stopping.unfit) if stopping.unfit else None,
            "seconds_since_poll": round(silent_s, 1),
            "running": loop.lanes.running,
            "lag": loop.lag,
            "paused": loop.assignment.all_paused,
            "held_because": loop.held_because,
            "breaker_open": means.breaker.is_open,
        },
    )
