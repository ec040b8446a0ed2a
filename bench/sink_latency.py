"""How long a tick takes from its producer to a row that others see, at a steady rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec

from bench.report import Line
from bench.sink_place import ROUTE, eventually, running_sink, scratch_parts, ticks
from include.contracts.prices import Tick, identify_tick
from include.contracts.topics import MARKET_TICKS
from include.stores.postgres import Database
from include.transport.codec import encode
from include.transport.producer import Producer

PER_SECOND = 2_000
SECONDS = 30
_WARM_S = 5  # a producer takes half a second for its first message, and partitions are still being assigned
_EVERY_NTH = 20  # is looked for; a look at each would be a load of its own
_STEP_S = 0.005
_LOOK_EVERY_S = 0.002

_SEEN = "SELECT tick_id FROM market_ticks WHERE ticked_at = ANY(%s) AND tick_id = ANY(%s)"


def measure(home: Path) -> list[Line]:
    """Produce to visible row, seen by a connection of its own."""
    with scratch_parts(home) as (kafka, database, env), running_sink(env) as sink:
        eventually(lambda: (sink.health() or {}).get("state") == "runs", "the sink runs")
        seconds = sorted(_flow(kafka, database))
        sink.end()
    name = f"produce to visible row at {PER_SECOND:,} ticks/s for {SECONDS} s through {ROUTE}"
    return [
        Line(f"{name}, median", 1000 * quantiles(seconds, n=100)[49], "ms"),
        Line(f"{name}, p99", 1000 * quantiles(seconds, n=100)[98], "ms"),
        Line(f"{name}, worst", 1000 * seconds[-1], "ms"),
    ]


def _flow(kafka: Mapping[str, Any], database: Database) -> list[float]:
    """Send at the steady rate; -> the seconds that the ticks looked for took, once all is under way."""
    sent: dict[int, tuple[datetime, float]] = {}
    ended = threading.Event()
    took: list[float] = []
    looking = threading.Thread(target=_look, args=(database, sent, took, ended))
    looking.start()
    with Producer(kafka) as producer:
        began = time.monotonic()
        for number, template in enumerate(ticks(PER_SECOND * (_WARM_S + SECONDS))):
            due = began + number / PER_SECOND
            if (wait_s := due - time.monotonic()) > _STEP_S:
                time.sleep(wait_s)
            tick = _now(template)
            if number % _EVERY_NTH == 0 and number >= PER_SECOND * _WARM_S:
                sent[tick.tick_id] = (tick.ticked_at, time.monotonic())
            producer.send(MARKET_TICKS.name, tick.key, encode(tick))
        producer.flush()
    ended.set()
    looking.join()
    return took


def _now(tick: Tick) -> Tick:
    return identify_tick(msgspec.structs.replace(tick, ticked_at=datetime.now(UTC)))


def _look(
    database: Database, sent: dict[int, tuple[datetime, float]], took: list[float], ended: threading.Event
) -> None:
    """Note when each tick that is looked for is seen, until all are."""
    with database.transaction() as connection, connection.cursor() as cursor:
        connection.commit()
        while sent or not ended.is_set():
            wanted = dict(list(sent.items()))
            cursor.execute(_SEEN, [[at for at, _ in wanted.values()], list(wanted)])
            found = [row[0] for row in cursor.fetchall()]
            connection.commit()
            now = time.monotonic()
            took += [now - sent.pop(tick_id)[1] for tick_id in found]
            time.sleep(_LOOK_EVERY_S)
