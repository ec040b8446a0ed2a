"""A whole stack with a key planted for each vendor, made to fail in every way that may show one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg2
from confluent_kafka import Producer
from end_to_end.stack import Rest, Stack, wait

from canary.gathering import gather
from include.contracts.topics import PROCESSING_TASKS
from include.market.server import Market, MarketSettings
from include.settings import PROJECT, DatabaseSettings

# With what encoders escape, and long enough that a part of one tells whose it is.
_MONGO_PASSWORD = "m0ngo-Kan4rie-G8hTt-blau"
KEYS = {
    "POLYGON_API_KEY": "paid-p0lyGon/Kan4rie+nest9Zq1Xy",
    "BRAPI_TOKEN": "paid-br4pi/Kan4rie+federW7tRr2",
    "ALPHAVANTAGE_API_KEY": "revoked4lPh4/Kan4rie+zweigB3sNn8",  # it goes in the address, and the vendor refuses it
    "APCA_API_KEY_ID": "4pcaKeyId/Kan4rie+korbJ5dMm6",
    "APCA_API_SECRET_KEY": "s3cretApca/Kan4rie+ruheL2cVv4",
    "MONGO_URL": f"mongodb://anna:{_MONGO_PASSWORD}@127.0.0.1:1/stocks",
}
EXPORTED = KEYS | {"MONGO_URL": _MONGO_PASSWORD}
_FREE_KEY = "free-alPh4/Kan4rie+spatzP6kWw3"  # the vendor repeats it in a refusal
_WATCHED = {"POLYGON_SYMBOLS": "AAPL,NOZZZ", "BRAPI_TICKERS": "PETR4,NOZZZ", "ALPHAVANTAGE_SYMBOLS": "IBM,KO"}
_FAULTS = {
    "previous-bar": ("refusal-200", "500", "truncated"),
    "stream-frame": ("drop",),
    "fundamentals": ("missing-fields", "truncated", "bad-crumb", "consent"),
}


@contextmanager
def planted(folder: Path) -> Iterator[Stack]:
    """The stack as it runs on live sources, which the market plays outside of it: nothing replaces the keys."""
    with Market(MarketSettings(home=folder / "market", stocks_per_region=4)) as market:
        for kind, faults in _FAULTS.items():
            market.strike(kind, *faults)
        env = KEYS | _WATCHED | market.environment | {"YAHOO_QUOTA": "50/s"}
        stack = Stack(folder / "home", "--market", "live", env=env)
        try:
            _work(stack, market)
            (folder / "told").mkdir()
            _ask_once(stack, folder / "told" / "feed-once")
            gather(stack, folder / "told")
            yield stack
        finally:
            stack.kill()


def secrets(stack: Stack) -> dict[str, str]:
    """What must not be found: the planted keys, and what the stack made for itself."""
    return EXPORTED | {"the free key": _FREE_KEY} | made_by(stack)


def made_by(stack: Stack) -> dict[str, str]:
    """What the stack made for itself."""
    made: dict[str, str] = json.loads((stack.home / "secrets.json").read_bytes())
    return made | {"DB_PASSWORD": stack.variables["DB_PASSWORD"]}


def _work(stack: Stack, market: Market) -> None:
    """A scrape, a dead letter, a refused key in Airflow, a refusal that repeats its key, prices in every store."""
    _send_garbage(stack)
    run_id = stack.start_scrape("us")
    rest = Rest(stack.variables)
    wait(
        partial(_said, stack, "feed_alpha_vantage", b"ALPHAVANTAGE_API_KEY is refused"),
        "the refused key failed its task",
    )
    market.strike("global-quote", *["refusal-200"] * 3)  # one for each that Airflow may ask in between
    wait(lambda: rest.state(run_id) in ("success", "failed"), "the run ended", 240)
    rest.close()
    for table in ("price_history", "market_ticks", "dead_letters WHERE run_id IS NULL"):
        wait(partial(_exists, stack, table), f"{table} has rows")


def _said(stack: Stack, dag_id: str, words: bytes) -> bool:
    """Whether the log of any task of the DAG has ``words``."""
    return any(words in log.read_bytes() for log in stack.home.glob(f"airflow/logs/dag_id={dag_id}/**/*.log"))


def _ask_once(stack: Stack, told: Path) -> None:
    """A round with another key, of a vendor that repeats it in its answer."""
    command = [sys.executable, "-m", "include.cli", "feed", "alpha-vantage", "--once", "--json"]
    env = {**stack.env, **stack.variables, "ALPHAVANTAGE_API_KEY": _FREE_KEY}
    done = subprocess.run(command, env=env, cwd=PROJECT, capture_output=True, check=False, timeout=120)
    told.write_bytes(done.stdout + done.stderr)
    assert b"We have detected your API key as ***" in done.stderr, done.stderr


def _send_garbage(stack: Stack) -> None:
    producer = Producer({"bootstrap.servers": stack.variables["KAFKA_BOOTSTRAP_SERVERS"]})
    producer.produce(PROCESSING_TASKS.name, b"{garbage", b"<script>")
    assert producer.flush(20) == 0


def _exists(stack: Stack, table: str) -> bool:
    connection = psycopg2.connect(**DatabaseSettings.from_env(stack.variables).connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
            return bool((cursor.fetchone() or (False,))[0])
    finally:
        connection.close()
