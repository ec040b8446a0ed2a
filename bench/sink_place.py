"""What the benches of the sink share: a broker and a database of their own, ticks, and the sink's process."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import msgspec
from confluent_kafka.admin import AdminClient

from bench.place import scratch_database
from include.contracts.prices import Tick, identify_tick
from include.contracts.topics import MARKET_TICKS
from include.errors import Permanent
from include.settings import PROJECT
from include.stack.broker import LocalBroker
from include.stack.database import database_variables
from include.stack.ports import free_port
from include.stack.program import start, stop
from include.stores.postgres import Database
from include.transport.admin import create_topics
from include.transport.codec import encode
from include.transport.producer import Message, Producer
from include.workers.identity import WorkerFile

ROUTE = f"postgres:{MARKET_TICKS.name}"
GROUP = f"stocks-sink-postgres-{MARKET_TICKS.name}"
_OPENED_AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
_SYMBOLS = 500
_BATCH = 20_000

Env = Mapping[str, str]


@contextmanager
def scratch_broker(home: Path) -> Iterator[Mapping[str, Any]]:
    """A broker of its own with all topics, empty, as the local stack runs it; -> librdkafka's settings."""
    shutil.rmtree(home / "kafka", ignore_errors=True)
    server = LocalBroker(home / "kafka", home / "logs" / "kafka.log", port=free_port(), controller_port=free_port())
    program = server.prepare()
    process = start(program)
    try:
        server.wait_ready(program, process)
        create_topics(server.settings)
        yield server.settings
    finally:
        stop(process, program.stop_signal)
        shutil.rmtree(home / "kafka", ignore_errors=True)


@contextmanager
def scratch_parts(home: Path) -> Iterator[tuple[Mapping[str, Any], Database, Env]]:
    """Broker and database, and the environment that leads the sink to them."""
    with scratch_broker(home) as kafka, scratch_database(home) as database:
        yield kafka, database, environment(kafka, database, home / "home")


def environment(kafka: Mapping[str, Any], database: Database, home: Path) -> dict[str, str]:
    """The settings of a sink's process."""
    return {
        **os.environ,
        **database_variables(database.parameters),
        "STOCKS_HOME": str(home),
        "KAFKA_BOOTSTRAP_SERVERS": kafka["bootstrap.servers"],
    }


def ticks(count: int, *, every: timedelta = timedelta(milliseconds=3)) -> Iterator[Tick]:
    """``count`` ticks of a trading day, trades and quotes, in the order of their times; the same every time."""
    chance = random.Random(1)  # noqa: S311 - the same ticks every time
    for number in range(count):
        price = round(chance.uniform(10, 500), 2)
        given: dict[str, Any] = {"price": price, "size": float(chance.randrange(1, 500)), "exchange": "V"}
        if number % 2:
            given = {"price": price, "bid": price - 0.01, "bid_size": 100.0, "ask": price + 0.01, "ask_size": 200.0}
        yield identify_tick(
            Tick(
                schema_version=1,
                tick_id=0,
                feed="alpaca-stocks",
                symbol=f"S{chance.randrange(_SYMBOLS)}",
                kind="quote" if number % 2 else "trade",
                ticked_at=_OPENED_AT + number * every,
                conditions=() if number % 2 else ("@", "I"),
                **given,
            )
        )


def send(kafka: Mapping[str, Any], many: Sequence[Tick]) -> None:
    """Bring ``many`` to the topic, acknowledged."""
    with Producer(kafka | {"queue.buffering.max.messages": 2 * _BATCH, "linger.ms": 20}) as producer:
        for begin in range(0, len(many), _BATCH):
            part = many[begin : begin + _BATCH]
            producer.deliver(Message(MARKET_TICKS.name, tick.key, encode(tick)) for tick in part)


class SinkProcess:
    """`stocks worker sink` for ticks alone, as a process of its own."""

    def __init__(self, env: Env, name: str = "bench") -> None:
        self._file = Path(env["STOCKS_HOME"]) / "workers" / f"{name}.json"
        log = Path(env["STOCKS_HOME"]) / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "include.cli", "worker", "sink", "--only", ROUTE, "--name", name]
        with log.open("ab") as file:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=dict(env), stdout=file, stderr=file)  # noqa: S603 - our own arguments

    def health(self) -> dict[str, Any] | None:
        """What the route says of itself; None while it does not listen."""
        try:
            port = msgspec.json.decode(self._file.read_bytes(), type=WorkerFile).port
            connection = HTTPConnection("127.0.0.1", port, timeout=5)  # a client of httpx would cost 20 ms of a core
            connection.request("GET", "/healthz")
            found: dict[str, Any] = json.loads(connection.getresponse().read())["detail"][ROUTE]
            connection.close()
        except (OSError, HTTPException, ValueError):
            return None
        return found

    @property
    def new(self) -> int:
        """Rows that it has written."""
        found = self.health()
        return 0 if found is None else int(found["new"])

    @property
    def peak_mib(self) -> float:
        """The most memory that it ever held (Linux)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024

    def end(self) -> None:
        """SIGTERM, and wait."""
        self.process.terminate()
        self.process.wait(30)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running_sink(env: Env, name: str = "bench") -> Iterator[SinkProcess]:
    """The sink for the block; killed at its end if it still runs."""
    sink = SinkProcess(env, name)
    try:
        yield sink
    finally:
        sink.kill()


def forget_group(kafka: Mapping[str, Any]) -> None:
    """Let the next sink begin at the first tick."""
    admin = AdminClient(dict(kafka))
    for future in admin.delete_consumer_groups([GROUP], request_timeout=20).values():
        future.result(30)


def eventually(holds: Callable[[], object], what: str, within_s: float = 300, every_s: float = 0.05) -> None:
    """Wait for a condition. Raises Permanent when it does not come."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            raise Permanent(f"waited {within_s:g} s in vain: {what}")
        time.sleep(every_s)
