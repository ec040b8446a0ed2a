"""The feeds in the local stack: who runs as what, with whose keys, and what is said of those that do not run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from include.feeds.catalog import CATALOG, FeedRow
from include.settings import PROJECT, DatabaseSettings
from include.settings.environment import VENDOR_VARIABLES, played_variables
from include.stack.ports import LOOPBACK
from include.stack.program import Program
from include.stores.postgres import Database
from include.workers.feed_rhythms import lacking

LOCAL_KEY = "local-market"
_AIRFLOW_FETCH_S = "300"
_STOCKS = (sys.executable, "-m", "include.cli")
# Prices flow all day and can wait a moment; a scrape that runs meanwhile goes first. What a stream does not hear in
# time its vendor cuts off; what the sink does not write in time waits in Kafka.
_STREAM_NICENESS, _SINK_NICENESS = 5, 10


class FeedPlan(msgspec.Struct, frozen=True):
    """Which feeds run as Airflow's DAGs, which as streams, and why the others (by title) do not run."""

    polled: tuple[FeedRow, ...]
    streams: tuple[FeedRow, ...]
    missing: Mapping[str, str]

    def said(self) -> str:
        """Who runs where, in one line."""
        parts = []
        if self.polled:
            parts.append(f"{', '.join(row.title for row in self.polled)} as Airflow's feed_…")
        if self.streams:
            parts.append(f"{', '.join(row.title for row in self.streams)} as streams")
        return f"{'; '.join(parts) or 'none is configured'}. How they do: stocks monitor, or Browse → Feeds in Airflow"


def plan(env: Mapping[str, str]) -> FeedPlan:
    """Who runs with the keys of ``env``."""
    missing = {row.title: why for row in CATALOG if (why := lacking(row, env)) is not None}
    runs = [row for row in CATALOG if row.title not in missing]
    return FeedPlan(tuple(r for r in runs if r.polls), tuple(r for r in runs if not r.polls), missing)


def local_vendors(env: Mapping[str, str], market_port: int) -> dict[str, str]:
    """Made-up keys, and the addresses under which the local market plays the vendors, whatever ``env`` holds."""
    addresses = {
        "POLYGON_BASE_URL": "https://api.polygon.io",
        "ALPACA_DATA_URL": "https://data.alpaca.markets",
        # Its clients take no proxy, so the stream alone is had from the market's own address.
        "ALPACA_STREAM_URL": f"ws://{LOOPBACK}:{market_port}",
    }
    return {name: addresses.get(name, LOCAL_KEY) for name in played_variables(env)}


def without_vendors(env: Mapping[str, str]) -> dict[str, str]:
    """``env`` without any vendor's key or address: no feed is configured then."""
    return {name: value for name, value in env.items() if name not in VENDOR_VARIABLES}


def polled_by_airflow(env: Mapping[str, str]) -> dict[str, str]:
    """``env`` as Airflow's components have it: unasked, Polygon is asked every five minutes.

    A round a minute, the feed's own rhythm, would keep a task of Airflow busy for good: five symbols and the free
    plan's five requests a minute make every round wait for the one before. What is asked for changes once a day.
    """
    return {**env, "FETCH_INTERVAL": env.get("FETCH_INTERVAL") or _AIRFLOW_FETCH_S}


def sink_program(env: Mapping[str, str], logs: Path) -> Program:
    """The worker that writes prices into the stores."""
    arguments = ("worker", "sink", "--name", "sink-1", "--port", "0")
    return gently(Program("sink-1", (*_STOCKS, *arguments), env, logs / "sink-1.log", PROJECT), _SINK_NICENESS)


def stream_programs(found: FeedPlan, env: Mapping[str, str], logs: Path) -> list[Program]:
    """A process for every feed that listens."""
    return [gently(_stream(f"feed-{row.name}", row, env, logs), _STREAM_NICENESS) for row in found.streams]


def _stream(name: str, row: FeedRow, env: Mapping[str, str], logs: Path) -> Program:
    return Program(name, (*_STOCKS, "feed", row.name, "--port", "0"), env, logs / f"{name}.log", PROJECT)


def gently(program: Program, niceness: int = _SINK_NICENESS) -> Program:
    """``program`` at a lower priority, where the system has `nice`."""
    nice = shutil.which("nice")
    if nice is None:
        return program
    return msgspec.structs.replace(program, command=(nice, "-n", str(niceness), *program.command))


def so_far(env: Mapping[str, str]) -> str:
    """How many prices have come through, in one line. Raises ConfigurationError or Transient."""
    database = Database(DatabaseSettings.from_env(env).connection, size=1)
    try:
        with database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT (SELECT count(*) FROM market_ticks), (SELECT count(*) FROM price_history)")
            ticks, prices = cursor.fetchone() or (0, 0)
    finally:
        database.close()
    return f"Feeds so far: {ticks:,} ticks in market_ticks, {prices:,} prices in price_history. More: stocks monitor"
