"""Ticks at a steady rate while the sink is killed again and again: nothing lost, nothing twice."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from bench.report import Line
from bench.sink_place import GROUP, Env, SinkProcess, eventually, scratch_parts, ticks
from include.contracts.topics import MARKET_TICKS
from include.errors import Permanent
from include.stores.postgres import Database
from include.transport.codec import encode
from include.transport.lag import LagReader
from include.transport.producer import Message, Producer

PER_SECOND = 500
SECONDS = 600
KILL_EVERY_S = 60.0
_STEP_S = 0.1


class Outcome(msgspec.Struct, frozen=True):
    """What came of it: ``lost`` and ``doubled`` are to be 0."""

    sent: int
    kills: int
    lost: int
    doubled: int


def measure(home: Path) -> list[Line]:
    """Raises Permanent if a tick was lost or is there twice."""
    with scratch_parts(home) as (kafka, database, env):
        found = under_kills(kafka, database, env, SECONDS, KILL_EVERY_S)
    if found.lost or found.doubled:
        raise Permanent(f"of {found.sent} ticks {found.lost} were lost and {found.doubled} are there twice")
    name = f"ticks at {PER_SECOND}/s, the sink killed {found.kills} times"
    return [Line(f"{name}: sent", found.sent, "ticks"), Line(f"{name}: lost or twice", 0, "ticks")]


def under_kills(
    kafka: Mapping[str, Any], database: Database, env: Env, seconds: float, kill_every_s: float, seed: int = 1
) -> Outcome:
    """Send for ``seconds`` while two sinks are killed by turns, at moments drawn around ``kill_every_s``."""
    chance = random.Random(seed)  # noqa: S311 - the same kills every time
    sinks = [SinkProcess(env, name) for name in ("one", "two")]
    count = int(PER_SECOND * seconds)
    sending = threading.Thread(target=_send, args=(kafka, count))
    sending.start()
    kills, ends = 0, time.monotonic() + seconds
    try:
        while (wait_s := kill_every_s * chance.uniform(0.8, 1.2)) < ends - time.monotonic():
            time.sleep(wait_s)
            turn = kills % len(sinks)
            sinks[turn].kill()
            sinks[turn] = SinkProcess(env, ("one", "two")[turn])
            kills += 1
        sending.join()
        reader = LagReader(kafka)
        eventually(lambda: not reader.lags({GROUP: MARKET_TICKS})[0].behind, "all is committed", every_s=0.5)
    finally:
        sending.join()
        for sink in sinks:
            sink.kill()
    return _counted(database, count, kills)


def _send(kafka: Mapping[str, Any], count: int) -> None:
    part = int(PER_SECOND * _STEP_S)
    pending: list[Message] = []
    began = time.monotonic()
    with Producer(kafka) as producer:
        for number, tick in enumerate(ticks(count, every=timedelta(seconds=1 / PER_SECOND)), start=1):
            pending.append(Message(MARKET_TICKS.name, tick.key, encode(tick)))
            if len(pending) == part or number == count:
                time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
                producer.deliver(pending)
                pending = []


def _counted(database: Database, count: int, kills: int) -> Outcome:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT tick_id) FROM market_ticks")
        rows, distinct = cursor.fetchone() or (0, 0)
    return Outcome(count, kills, count - distinct, rows - distinct)
