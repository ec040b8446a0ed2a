"""A sink process, what is sent to it, and what has come of it. The parts are real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg2
from lying_on import read, uncommitted
from trial import PROJECT, environment, eventually, send

from include.contracts.prices import Price, Tick, TradingAsset, identify_price, identify_tick
from include.contracts.topics import MARKET_TICKS, STOCK_PRICES, TRADING_ASSETS
from include.stores.postgres import Database
from include.transport.codec import encode
from include.transport.producer import Message
from include.workers.identity import WorkerFile

__all__ = ["environment", "eventually", "read", "send", "uncommitted"]

# Yesterday: the sink lets go of what is older than a month.
START = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0) - timedelta(days=1)
TICKS, TICKS_GROUP = "postgres:market_ticks", "stocks-sink-postgres-market_ticks"


def tick(number: int, **changed: Any) -> Tick:
    given = {
        "schema_version": 1,
        "tick_id": 0,
        "feed": "alpaca-stocks",
        "symbol": f"S{number % 50}",
        "kind": "trade" if number % 2 else "quote",
        "ticked_at": START + timedelta(milliseconds=number),
        "price": 100 + number / 100,
    }
    return identify_tick(Tick(**(given | changed)))


def price(number: int, **changed: Any) -> Price:
    at = START + timedelta(minutes=number)
    given = {
        "price_id": "",
        "source": "polygon",
        "symbol": f"S{number % 50}",
        "price": 100 + number / 100,
        "price_at": at,
        "observed_at": at,
    }
    return identify_price(Price(**(given | changed)))


def asset(number: int) -> TradingAsset:
    at = START + timedelta(minutes=number)
    return TradingAsset(ticker="PETR4", name=None, short_name=None, price=30.0 + number, volume=None, updated_at=at)


_TOPICS = {Tick: MARKET_TICKS, Price: STOCK_PRICES, TradingAsset: TRADING_ASSETS}


def message(one: Tick | Price | TradingAsset) -> Message:
    return Message(_TOPICS[type(one)].name, one.key, encode(one))


def messages(many: Iterable[Tick | Price | TradingAsset]) -> list[Message]:
    return [message(one) for one in many]


def kept(database: Database) -> Counter[int]:
    """How often each tick id is in market_ticks."""
    return Counter(row[0] for row in ask(database, "SELECT tick_id FROM market_ticks"))


def ask(database: Database, question: str) -> list[Any]:
    """By a connection of its own: some tests end all that there are."""
    connection = psycopg2.connect(**database.parameters)
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return list(cursor.fetchall())
    finally:
        connection.close()


@contextmanager
def sink(
    env: Mapping[str, str], name: str, *only: str, options: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """`stocks worker sink` as a process of its own, killed at the end of the block if it still runs."""
    home = Path(env["STOCKS_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    routes = [part for route in only for part in ("--only", route)]
    command = [sys.executable, "-m", "include.cli", "worker", "sink", "--name", name, *routes, *options]
    with (home / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)} | dict(env),
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def health(env: Mapping[str, str], name: str) -> dict[str, Any]:
    """What the running sink says of itself, once it listens."""
    file = Path(env["STOCKS_HOME"]) / "workers" / f"{name}.json"
    eventually(file.exists, f"{name} listens")
    port = msgspec.json.decode(file.read_bytes(), type=WorkerFile).port
    found: dict[str, Any] = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60).json()
    return found


def log_of(env: Mapping[str, str], name: str) -> str:
    return (Path(env["STOCKS_HOME"]) / f"{name}.log").read_text()
