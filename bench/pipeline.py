"""The pipeline beside the way that it replaces: the same stocks, market, latency and machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg2

from bench.place import bench_stack, scrape
from bench.report import Line
from include.settings import PROJECT, DatabaseSettings
from include.stack.programs import Options
from include.stack.starting import RunningStack

LATENCY_MS = 100
REGIONS = ("us", "gb", "jp", "br", "de")
STOCKS_PER_REGION = 200
NAIVE_STOCKS = 40


def measure(home: Path) -> list[Line]:
    """1,000 stocks listed by browser, from the trigger to pending 0, on a warm stack."""
    options = Options(stocks_per_region=STOCKS_PER_REGION, latency_ms=LATENCY_MS, feeds=False)
    with bench_stack(home, options, SCREENER="browser") as stack:
        scrape(stack, "fr")  # warm: browser, sessions, Airflow's first task
        run = scrape(stack, *REGIONS)
        symbols = _some_symbols(stack, run["run_id"])
        naive = _naive(stack, symbols)
    stocks = sum(region["completed"] for region in run["regions"].values())
    rate = stocks / run["seconds"]
    name = f"{stocks} stocks in {len(REGIONS)} regions, {LATENCY_MS} ms a request, 1 scraping and 2 processing workers"
    beside = f"one after another with plain yfinance, measured on {NAIVE_STOCKS} of them and extrapolated"
    return [
        Line(name, run["seconds"], "s", stocks / naive, rate / naive),
        Line(f"stocks per second, beside {beside}", rate, "stocks/s", naive, rate / naive),
        Line("requests per stock", run["requests_per_stock"], "requests"),
    ]


def _some_symbols(stack: RunningStack, run_id: str) -> list[str]:
    """As many of each region, and one more to warm up with."""
    query = """
        SELECT key FROM (
            SELECT key, region, row_number() OVER (PARTITION BY region ORDER BY md5(key)) AS place
            FROM tasks WHERE run_id = %s AND stage = 'processing'
        ) AS shuffled ORDER BY place, region LIMIT %s
    """
    connection = psycopg2.connect(**DatabaseSettings.from_env(stack.environment).connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, (run_id, NAIVE_STOCKS + 1))
            return [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()


def _naive(stack: RunningStack, symbols: list[str]) -> float:
    """Stocks per second, one after another."""
    command = [sys.executable, "-m", "bench.naive", *symbols]
    env = dict(stack.environment)
    done = subprocess.run(command, env=env, cwd=PROJECT, capture_output=True, text=True, check=True)  # noqa: S603 - our own arguments
    found = json.loads(done.stdout.splitlines()[-1])
    return float(found["stocks"] / found["seconds"])
