"""Feeds as users run them: against the local market, into a real broker and a real database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Consumer

from include.contracts.prices import Price, Tick, TradingAsset
from include.contracts.topics import MARKET_TICKS, STOCK_PRICES, TRADING_ASSETS
from include.errors import ConfigurationError
from include.feeds.catalog import CATALOG
from include.feeds.catalog import row as catalog_row
from include.market.server import Market, MarketSettings
from include.stores import feed_book
from include.stores.feed_book import FeedReport
from include.stores.postgres import Database
from include.stores.tick_csv import decode as read_line
from include.stores.ticks import TickStore
from include.transport.codec import decode
from include.workers.feed_commands import FeedName, show
from include.workers.feed_place import furnish
from include.workers.feed_process import FeedSummary, run_feed
from include.workers.restore import restore
from include.workers.restore_reading import backups

DEADLINE_S = 40
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


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with Market(MarketSettings(home=tmp_path_factory.mktemp("market"), stocks_per_region=1)) as running:
        yield running


@pytest.fixture
def environment(
    market: Market,
    kafka: dict[str, str],
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, str]:
    """What a feed's process finds: keys, broker, database, and a way to the market."""
    for name, value in market.environment.items():
        monkeypatch.setenv(name, value)
    parameters = database.parameters
    market.reset_stats()
    return KEYS | {
        "KAFKA_BOOTSTRAP_SERVERS": kafka["bootstrap.servers"],
        "DB_DEV_NAME": parameters["dbname"],
        "DB_USER": parameters["user"],
        "DB_HOST": str(parameters["host"]),
        "DB_PORT": str(parameters["port"]),
        "DB_PASSWORD": parameters["password"],
        "STOCKS_HOME": str(tmp_path / "home"),
        "ALPACA_STREAM_URL": market.url.replace("http", "ws"),
        "ALPACA_DATA_URL": market.url,
        "ALPACA_CRYPTOS": "BTC/USD,ETH/USD",
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


def test_the_command_knows_the_feeds_of_the_catalogue() -> None:
    assert [name.value for name in FeedName] == [row.name for row in CATALOG]


@pytest.mark.parametrize("row", CATALOG, ids=lambda row: row.name)
def test_a_missing_key_is_one_clear_line(row: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{row.variables[0]} is not set. It expects"):
        run_feed(row.name, {}, once=True)


def test_polygon_sends_prices_with_names_and_asks_for_names_once(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    first = once("polygon", environment, POLYGON_SYMBOLS="AAPL,MSFT,NOZZZ")
    second = once("polygon", environment, POLYGON_SYMBOLS="AAPL,MSFT,NOZZZ")
    assert (first.sent, first.failed, first.cache_hit_rate) == (2, 1, 0)
    assert "NOZZZ" in first.failures["NOZZZ"]
    assert (second.sent, second.cache_hit_rate) == (2, 1)
    assert requests(market, "polygon", "reference") == 2
    found = messages(kafka, STOCK_PRICES.name, 4)
    prices = [decode(message.value(), Price) for message in found]
    assert {message.key() for message in found} == {b"AAPL", b"MSFT"}
    assert {price.name for price in prices} == {"Aapl Incorporated", "Msft Incorporated"}
    assert len({price.price_id for price in prices}) == 2
    assert rows(database, "SELECT symbol, failure IS NULL FROM feed_symbols ORDER BY 1") == [
        ("AAPL", True),
        ("MSFT", True),
        ("NOZZZ", False),
    ]


@pytest.mark.parametrize("fault", ["429", "429-retry-after", "500", "503", "refusal-200", "reset", "truncated"])
def test_a_fault_that_passes_costs_no_price(market: Market, environment: dict[str, str], fault: str) -> None:
    market.strike("previous-bar", fault)
    assert once("polygon", environment, POLYGON_SYMBOLS="AAPL").sent == 1


def test_a_missing_field_fails_its_symbol_and_the_others_go_on(market: Market, environment: dict[str, str]) -> None:
    market.strike("previous-bar", "missing-fields")
    found = once("polygon", environment, POLYGON_SYMBOLS="AAPL,MSFT")
    assert (found.sent, set(found.failures)) == (1, {"AAPL"})


def test_a_vendor_that_is_away_is_not_asked_for_everybody(market: Market, environment: dict[str, str]) -> None:
    market.strike("previous-bar", *["reset"] * 5)
    symbols = ",".join(f"S{n}" for n in range(9))
    found = once("polygon", environment, POLYGON_SYMBOLS=symbols, RETRY_ATTEMPTS="0")
    assert (len(found.failures), len(found.skipped), found.succeeded) == (5, 4, False)
    assert found.why_skipped is not None
    assert "5 questions in a row" in found.why_skipped


def test_six_hours_of_names_cost_a_fifth_of_the_calls_at_most(market: Market, environment: dict[str, str]) -> None:
    rates = [once("polygon", environment, POLYGON_SYMBOLS="AAPL,MSFT").cache_hit_rate for _round in range(6)]
    assert rates == [0, 1, 1, 1, 1, 1]
    # Without the cache every price is one call for its name.
    assert requests(market, "polygon", "previous-bar") == 12
    assert requests(market, "polygon", "reference") <= 0.2 * 12


def test_words_of_a_vendor_are_no_markup_for_our_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    failures = {"[red]X": "gone [/b] [link=file:///]"}
    show(FeedSummary(feed="polygon", sent=0, failed=1, success_rate=0, cache_hit_rate=0, failures=failures))
    assert "gone [/b] [link=file:///]" in " ".join(capsys.readouterr().out.split())


def test_a_tick_of_a_wrong_clock_hides_no_gap_to_come(environment: dict[str, str]) -> None:
    with ExitStack() as stack:
        place = furnish(stack, catalog_row("alpaca-crypto"), environment, threading.Event())
        ahead = datetime.now(UTC) + timedelta(hours=12)
        tick = Tick(
            schema_version=1,
            tick_id=1,
            feed="alpaca-crypto",
            symbol="BTC/USD",
            kind="trade",
            ticked_at=ahead,
            price=1.0,
        )
        place.publish([tick])
        assert place.counts.last_message_at is not None
        assert place.counts.last_message_at <= datetime.now(UTC)


def test_a_refused_key_names_its_variable(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="POLYGON_API_KEY is refused"):
        once("polygon", environment, POLYGON_API_KEY="revoked-key")


def test_brapi_falls_back_to_one_ticker_per_call_and_remembers_it(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    tickers = {"BRAPI_TICKERS": "PETR4,NOZZ3,NOZZZ3,VALE3,MXRF11", "BRAPI_QUOTA": "100/s 15000/month"}
    found = once("brapi", environment, **tickers)
    assert (found.sent, set(found.failures)) == (4, {"NOZZZ3"})
    assert requests(market, "brapi", "brapi-quote") == 6  # all at once, which the plan refuses, then each
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM feed_symbols")
    once("brapi", environment, **tickers)
    assert requests(market, "brapi", "brapi-quote") == 11
    assets = [decode(message.value(), TradingAsset) for message in messages(kafka, TRADING_ASSETS.name, 8)]
    assert {asset.ticker for asset in assets} == {"PETR4", "NOZZ3", "VALE3", "MXRF11"}


def test_brapi_asks_for_all_at_once_where_the_plan_allows_it(market: Market, environment: dict[str, str]) -> None:
    found = once("brapi", environment, BRAPI_TICKERS="PETR4,VALE3,MXRF11", BRAPI_TOKEN="paid-brapi-token")
    assert found.sent == 3
    assert requests(market, "brapi", "brapi-quote") == 1


def test_one_unknown_ticker_costs_the_batch_nothing(market: Market, environment: dict[str, str]) -> None:
    found = once("brapi", environment, BRAPI_TICKERS="PETR4,NOZZZ3,VALE3", BRAPI_TOKEN="paid-brapi-token")
    assert (found.sent, set(found.failures)) == (2, {"NOZZZ3"})


def test_what_a_tight_budget_skips_is_said_and_goes_first_next_time(
    environment: dict[str, str], database: Database
) -> None:
    tight = {"BRAPI_TICKERS": "PETR4,VALE3,MXRF11", "BRAPI_QUOTA": "2/month", "BRAPI_BATCH_SIZE": "1"}
    # One request for the rest of the month: the spread leaves one or two for this round.
    found = once("brapi", environment, **tight)
    assert found.sent + len(found.skipped) == 3
    assert found.skipped
    assert found.why_skipped


def test_alpha_vantage_stops_at_its_quota_and_says_when_it_renews(environment: dict[str, str]) -> None:
    symbols = {"ALPHAVANTAGE_SYMBOLS": "IBM,KO,DIS", "ALPHAVANTAGE_QUOTA": "2/day"}
    found = once("alpha-vantage", environment, **symbols)
    assert (found.sent, found.skipped) == (2, ("DIS",))
    assert found.why_skipped is not None
    assert "alpha-vantage" in found.why_skipped


def test_alpha_vantages_free_plan_is_not_overdrawn_by_a_first_request_that_took_long(
    market: Market, environment: dict[str, str]
) -> None:
    free = {"ALPHAVANTAGE_API_KEY": f"free-{CANARY}", "ALPHAVANTAGE_QUOTA": "", "ALPHAVANTAGE_SYMBOLS": "IBM,KO,DIS"}
    assert once("alpha-vantage", environment, **free).sent == 3
    assert requests(market, "alpha-vantage", "global-quote") == 3  # one more for each refusal


def test_alpha_vantages_stalest_symbols_go_first(environment: dict[str, str], database: Database) -> None:
    now = datetime.now(UTC)
    with database.transaction() as connection:
        for age_h, symbol in ((1, "IBM"), (3, "KO"), (2, "DIS")):
            moment = now - timedelta(hours=age_h)
            feed_book.answered(connection, "alpha-vantage", moment, {symbol: moment})
    found = once("alpha-vantage", environment, ALPHAVANTAGE_SYMBOLS="IBM,KO,DIS", ALPHAVANTAGE_QUOTA="2/day")
    assert found.skipped == ("IBM",)


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


def test_a_long_running_feed_ends_cleanly_when_asked(environment: dict[str, str], database: Database) -> None:
    with _running("polygon", environment) as found:
        until(lambda: rows(database, "SELECT 1 FROM feed_states WHERE state = 'waiting' AND sent >= 5"))
    assert found[0].sent >= 5
    assert rows(database, "SELECT state FROM feed_states") == [("stopped",)]


def test_a_stream_puts_ticks_on_their_topic(environment: dict[str, str], kafka: dict[str, str]) -> None:
    summary = once("alpaca-crypto", environment)
    assert summary.sent > 0
    found = messages(kafka, MARKET_TICKS.name, summary.sent)
    ticks = [decode(message.value(), Tick) for message in found]
    assert {tick.symbol for tick in ticks} <= {"BTC/USD", "ETH/USD"}
    assert all(message.key().decode() == tick.symbol for message, tick in zip(found, ticks, strict=True))


def test_what_a_stream_publishes_is_in_its_backup(environment: dict[str, str], kafka: dict[str, str]) -> None:
    with _running("alpaca-crypto", environment) as found:
        messages(kafka, MARKET_TICKS.name, 20)
    sent = [decode(m.value(), Tick) for m in messages(kafka, MARKET_TICKS.name, found[0].sent)]
    (backup,) = (Path(environment["STOCKS_HOME"]) / "backups" / "alpaca-crypto").glob("*.csv")
    kept = {read_line(line) for line in backup.read_text().splitlines()[1:]}
    assert kept == set(sent)


def test_a_backup_outlives_a_kill_and_is_loaded_back(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    folder = Path(environment["STOCKS_HOME"]) / "backups" / "alpaca-crypto"
    feed = _Process(environment | market.environment, "feed", "alpaca-crypto")
    until(lambda: sum(path.read_bytes().count(b"\n") for path in folder.glob("*.csv")) > 30)
    feed.kill()
    restored = restore(backups([folder]), TickStore(database))
    assert restored.new >= 30
    kept = rows(database, "SELECT tick_id FROM market_ticks")
    assert len(kept) == restored.new
    newest = rows(database, "SELECT max(ticked_at) FROM market_ticks")[0][0]
    sent = [decode(m.value(), Tick) for m in messages(kafka, MARKET_TICKS.name, 30)]
    # The last moment before the kill may have reached Kafka alone.
    before = {(tick.tick_id,) for tick in sent if tick.ticked_at < newest - timedelta(seconds=1)}
    assert before
    assert before <= set(kept)


def test_a_backup_that_fails_is_seen_and_stops_no_tick(
    environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    home = Path(environment["STOCKS_HOME"])
    home.mkdir()
    (home / "backups").touch()
    with _running("alpaca-crypto", environment):
        assert len(messages(kafka, MARKET_TICKS.name, 20)) == 20
        until(lambda: rows(database, "SELECT 1 FROM feed_states WHERE detail LIKE 'backup: %backups%'"))
        assert rows(database, "SELECT state FROM feed_states") == [("connected",)]


def test_a_stream_without_a_backup_writes_no_file(environment: dict[str, str]) -> None:
    assert once("alpaca-crypto", environment, BACKUP="off").sent > 0
    assert not (Path(environment["STOCKS_HOME"]) / "backups").exists()


def test_the_time_that_a_stream_was_away_is_a_gap_and_is_filled(
    environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    away = FeedReport(
        feed="alpaca-crypto",
        state="stopped",
        started_at=datetime.now(UTC),
        last_message_at=datetime.now(UTC) - timedelta(minutes=1),
    )
    with database.transaction() as connection:
        feed_book.report(connection, away)
    with _running("alpaca-crypto", environment | {"ALPACA_PUBLISH": "all"}):
        until(lambda: rows(database, "SELECT 1 FROM feed_gaps WHERE state = 'filled'"))
    ((reason, ticks),) = rows(database, "SELECT reason, ticks FROM feed_gaps")
    # Two symbols, four ticks a second each, for a minute and the little that starting took.
    assert reason == "the feed was not running"
    assert 480 <= ticks <= 800
    assert len(messages(kafka, MARKET_TICKS.name, ticks)) == ticks


def test_a_lost_connection_is_a_gap_and_nothing_is_lost(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    with _running("alpaca-crypto", environment | {"ALPACA_PUBLISH": "all"}) as found:
        until(lambda: rows(database, "SELECT 1 FROM feed_states WHERE sent > 0"))
        market.strike("stream-frame", "drop")
        until(lambda: rows(database, "SELECT 1 FROM feed_gaps WHERE state = 'filled'"))
    ticks = {decode(m.value(), Tick) for m in messages(kafka, MARKET_TICKS.name, found[0].sent)}
    for symbol in ("BTC/USD", "ETH/USD"):
        moments = sorted(tick.ticked_at for tick in ticks if tick.symbol == symbol)
        steps = {round((after - before).total_seconds(), 3) for before, after in pairwise(moments)}
        assert steps == {0.25}  # the market's rhythm, without a hole


def test_a_stream_is_reached_under_its_own_name_through_the_proxy(market: Market, environment: dict[str, str]) -> None:
    del environment["ALPACA_STREAM_URL"], environment["ALPACA_DATA_URL"]
    assert once("alpaca-crypto", environment).sent > 0
    assert requests(market, "alpaca", "stream") == 1


def test_a_process_ends_cleanly_by_sigterm_and_shows_no_key_to_anybody(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    market.strike("previous-bar", "refusal-200", "500")
    surroundings = environment | market.environment | {"BRAPI_TICKERS": "PETR4,VALE3"}
    sink = _Process(surroundings, "worker", "sink")
    topics = {
        "polygon": STOCK_PRICES,
        "alpha-vantage": STOCK_PRICES,
        "brapi": TRADING_ASSETS,
        "alpaca-crypto": MARKET_TICKS,
    }
    feeds = [_Process(surroundings, "feed", name) for name in topics]
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


class _Process:
    """A command of `stocks` as a user starts it."""

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

    def kill(self) -> None:
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
def _running(name: str, environment: Mapping[str, str]) -> Iterator[list[FeedSummary]]:
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
