"""Feeds as users run them, for tests: in this process for one round or a while, or as a process of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from uuid import uuid4

from confluent_kafka import Consumer

from include.market.server import Market
from include.stores.postgres import Database
from include.workers.feed_process import FeedSummary, run_feed

DEADLINE_S = 90
CANARY = "canary-k3y-4711"
KEYS = {
    "POLYGON_API_KEY": f"paid-{CANARY}",
    "BRAPI_TOKEN": f"brapi-{CANARY}",
    "ALPHAVANTAGE_API_KEY": f"paid-{CANARY}",
    "ALPHAVANTAGE_QUOTA": "100/s",
    "POLYGON_QUOTA": "100/s",
    "APCA_API_KEY_ID": f"id-{CANARY}",
    "APCA_API_SECRET_KEY": f"secret-{CANARY}",
    # Nobody listens there, which MongoDB's client says at length.
    "MONGO_URL": f"mongodb://stocks:{CANARY}@127.0.0.1:1/stocks?serverSelectionTimeoutMS=200",
}


def once(name: str, environment: Mapping[str, str], **changed: str) -> FeedSummary:
    return run_feed(name, environment | changed, once=True)


def messages(kafka: Mapping[str, str], topic: str, count: int) -> list[Any]:
    """The first ``count`` messages of a topic."""
    consumer = Consumer(dict(kafka) | {"group.id": str(uuid4()), "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    found: list[Any] = []
    deadline = time.monotonic() + DEADLINE_S
    try:
        while len(found) < count and time.monotonic() < deadline:
            message = consumer.poll(0.2)
            if message is not None and message.error() is None:
                found.append(message)
    finally:
        consumer.close()
    return found


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def requests(market: Market, vendor: str, kind: str) -> int:
    return int(market.stats()["vendors"].get(vendor, {"kinds": {}})["kinds"].get(kind, {"requests": 0})["requests"])


class Process:
    """A command of `stocks` as a user starts it; within ``with`` it never outlives its test."""

    def __init__(self, environment: Mapping[str, str], *words: str) -> None:
        command = [sys.executable, "-m", "include.cli", *words]
        self._process = subprocess.Popen(
            command, env=dict(os.environ) | dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def title(self) -> str:
        """What everybody on the machine can see of it."""
        return subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(self._process.pid)], capture_output=True, text=True, check=True
        ).stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_what: object) -> None:
        if self._process.poll() is None:
            self.kill()

    def kill(self) -> None:
        """SIGKILL: it ends wherever it is."""
        self._process.kill()
        self._process.communicate()

    def end(self) -> tuple[int, str, str]:
        self._process.send_signal(signal.SIGTERM)
        try:
            out, err = self._process.communicate(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        return self._process.returncode, out, err


@contextmanager
def running_feed(name: str, environment: Mapping[str, str]) -> Iterator[list[FeedSummary]]:
    """A feed in a thread for the block; its summary is there afterwards."""
    stop = threading.Event()
    found: list[FeedSummary] = []
    thread = threading.Thread(target=lambda: found.append(run_feed(name, environment, once=False, stop=stop)))
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
