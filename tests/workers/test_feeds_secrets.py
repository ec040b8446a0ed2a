"""No key of a vendor is shown by a feed to anybody."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from feed_trials import CANARY, Process, messages, once, rows, until

from include.contracts.topics import MARKET_TICKS, STOCK_PRICES, TRADING_ASSETS
from include.market.server import Market
from include.stores.postgres import Database


def test_a_refusal_that_repeats_the_key_is_masked_everywhere(
    market: Market, environment: dict[str, str], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    market.strike("global-quote", "refusal-200")
    found = once("alpha-vantage", environment, ALPHAVANTAGE_SYMBOLS="IBM")
    assert (found.sent, found.skipped) == (0, ("IBM",))
    told = caplog.text + repr(found) + repr(rows(database, "SELECT * FROM feed_states, feed_symbols, source_pauses"))
    assert "our standard API rate limit is 25 requests per day" in caplog.text
    assert CANARY not in told


def test_a_process_ends_cleanly_by_sigterm_and_shows_no_key_to_anybody(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    market.strike("previous-bar", "refusal-200", "500")
    surroundings = environment | market.environment | {"BRAPI_TICKERS": "PETR4,VALE3"}
    topics = {
        "polygon": STOCK_PRICES,
        "alpha-vantage": STOCK_PRICES,
        "brapi": TRADING_ASSETS,
        "alpaca-crypto": MARKET_TICKS,
    }
    with ExitStack() as stack:
        sink = stack.enter_context(Process(surroundings, "worker", "sink"))
        feeds = [stack.enter_context(Process(surroundings, "feed", name)) for name in topics]
        told = repr([process.title() for process in (sink, *feeds)])
        until(lambda: len(rows(database, "SELECT 1 FROM feed_states WHERE sent > 0")) == len(feeds))
        until(lambda: rows(database, "SELECT 1 FROM market_ticks") and rows(database, "SELECT 1 FROM price_history"))
        ends = [process.end() for process in (*feeds, sink)]
    assert [code for code, _out, _err in ends] == [0, 0, 0, 0, 0]
    assert {state for (state,) in rows(database, "SELECT state FROM feed_states")} == {"stopped"}
    told += repr(ends)
    sent: Counter[str] = Counter()
    for feed, number in rows(database, "SELECT feed, sent FROM feed_states"):
        sent[topics[feed].name] += number
    for topic, number in sent.items():
        found = messages(kafka, topic, number)
        assert len(found) == number
        told += repr([(message.key(), message.value(), message.headers()) for message in found])
    for (table,) in rows(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        told += repr(rows(database, f"SELECT * FROM {table}"))
    home = Path(environment["STOCKS_HOME"])
    told += repr([path.read_bytes() for path in home.rglob("*") if path.is_file()])
    told += monitored(surroundings)
    assert "polygon" in told
    assert CANARY not in told
    assert environment["DB_PASSWORD"] not in told


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("polygon", "previous-bar"),
        ("brapi", "brapi-quote"),
        ("alpha-vantage", "global-quote"),
        ("alpaca-stocks", "stream-frame"),
        ("alpaca-crypto", "stream-frame"),
    ],
)
def test_no_client_of_any_vendor_logs_a_key_even_when_it_logs_everything(
    market: Market, environment: dict[str, str], caplog: pytest.LogCaptureFixture, name: str, kind: str
) -> None:
    caplog.set_level("DEBUG")
    market.strike(kind, *(["drop"] if kind == "stream-frame" else ["truncated", "refusal-200"]))
    symbols = {"POLYGON_SYMBOLS": "AAPL", "BRAPI_TICKERS": "PETR4", "ALPHAVANTAGE_SYMBOLS": "IBM"}
    mute = {"ALPACA_MUTE_S": "3600"}
    logged = repr(once(name, environment | symbols | mute)) + caplog.text
    ours = "".join(f"{r.getMessage()}{r.args!r}" for r in caplog.records)
    assert name in logged
    assert CANARY not in logged + ours


def monitored(environment: Mapping[str, str]) -> str:
    """What `stocks monitor` tells of the feeds."""
    command = [sys.executable, "-m", "include.cli", "monitor", "--once", "--json"]
    env = dict(os.environ) | dict(environment)
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr
