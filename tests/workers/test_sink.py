"""The sink as a process: every price in its stores, each once, and each store for itself."""

from __future__ import annotations

import signal
import sqlite3
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from relay import Relay
from running_parts import postgres_away
from sinks import (
    START,
    TICKS,
    TICKS_GROUP,
    ask,
    asset,
    environment,
    eventually,
    health,
    kept,
    log_of,
    messages,
    price,
    read,
    send,
    sink,
    tick,
    uncommitted,
)

from include.contracts import dead_letters as names
from include.contracts.prices import Tick
from include.contracts.topics import MARKET_TICKS, SINK_ERRORS, STOCK_PRICES, TRADING_ASSETS
from include.errors import Permanent
from include.orchestration.drain import drain
from include.review.desk import Desk
from include.review.selection import Selection
from include.stores.postgres import Database
from include.transport.codec import decode, encode
from include.transport.producer import Message

PRICES, SQLITE = "postgres:stock-prices", "sqlite:stock-prices"
Kafka = dict[str, str]
Env = Mapping[str, str]


@pytest.fixture
def env(kafka: Kafka, database: Database, tmp_path: Path) -> dict[str, str]:
    return environment(kafka, database, tmp_path / "home")


def sqlite_rows(env: Env) -> list[Any]:
    file = Path(env["STOCKS_HOME"]) / "prices.sqlite3"
    if not file.exists():
        return []
    connection = sqlite3.connect(file)
    try:
        return connection.execute("SELECT price_id FROM prices").fetchall()
    except sqlite3.OperationalError:  # the sink is still making the table
        return []
    finally:
        connection.close()


def test_every_tick_is_in_the_table_once_and_committed(env: Env, kafka: Kafka, database: Database) -> None:
    ticks = [tick(n) for n in range(5000)]
    send(kafka, *messages(ticks), *messages(ticks[:100]))
    with sink(env, "one", TICKS) as process:
        eventually(lambda: uncommitted(kafka, MARKET_TICKS.name, TICKS_GROUP) == 0, "all is committed")
        assert kept(database) == Counter(one.tick_id for one in ticks)
        assert health(env, "one")["detail"][TICKS]["state"] == "runs"
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0


def test_unasked_every_route_runs_whose_store_is_configured_and_the_others_are_named(
    env: Env, kafka: Kafka, database: Database
) -> None:
    alpha = [price(n, source="alpha-vantage") for n in range(5)]
    send(kafka, *messages(alpha), *messages(price(n) for n in range(10)), *messages(tick(n) for n in range(7)))
    with sink(env, "one"):
        eventually(lambda: len(ask(database, "SELECT 1 FROM price_history")) == 15, "all prices are in PostgreSQL")
        eventually(lambda: len(sqlite_rows(env)) == 5, "Alpha Vantage's prices are in SQLite, and no others")
        eventually(lambda: sum(kept(database).values()) == 7, "the ticks are there")
        eventually(lambda: ask(database, "SELECT 1 FROM bars_1m"), "bars are made of them")
        assert set(sqlite_rows(env)) == {(one.price_id,) for one in alpha}
    said = log_of(env, "one")
    assert "mongo:trading-assets-market-data-v1 does not run: MONGO_URL is not set" in said
    assert "csv:market_ticks does not run: CSV_FOLDER is not set" in said


def test_trading_assets_are_in_mongodb_where_its_address_is_set(env: dict[str, str], kafka: Kafka, mongo: str) -> None:
    send(kafka, *messages(asset(n) for n in range(4)))
    env["MONGO_URL"] = mongo
    route = "mongo:trading-assets-market-data-v1"
    with sink(env, "one", route):
        group = "stocks-sink-mongo-trading-assets-market-data-v1"
        eventually(lambda: uncommitted(kafka, TRADING_ASSETS.name, group) == 0, "all is committed")
        assert health(env, "one")["detail"][route]["new"] == 4


POISON = {
    "garbage": Message(MARKET_TICKS.name, "S1", b"\x00\xffnot json"),
    "nothing": Message(MARKET_TICKS.name, "S1", None),
    "another thing": Message(MARKET_TICKS.name, "S1", b'{"hello": 1}'),
    "a price beyond all numbers": Message(
        MARKET_TICKS.name, "S1", encode(tick(1)).replace(b'"price":100.01', b'"price":1e999')
    ),
    "a text with a NUL": Message(MARKET_TICKS.name, "S1", encode(tick(1, symbol="A\0B"))),
    "the year 9999": Message(MARKET_TICKS.name, "S1", encode(tick(1)).replace(f"{START.year}-".encode(), b"9999-")),
    "an id of 70 bits": Message(MARKET_TICKS.name, "S1", encode(tick(1)).replace(b'"tick_id":', b'"tick_id":9999')),
}


def words_of(value: bytes | None) -> str | None:
    """What every other reader of the topic says of a message that it cannot read; None where it can."""
    try:
        decode(value, Tick)
    except Permanent as error:
        return str(error)
    return None


def test_poison_becomes_dead_letters_and_the_rest_goes_on(env: Env, kafka: Kafka, database: Database) -> None:
    good = [tick(n) for n in range(10, 30)]
    send(kafka, *messages(good[:10]), *POISON.values(), *messages(good[10:]))
    with sink(env, "one", TICKS):
        eventually(lambda: uncommitted(kafka, MARKET_TICKS.name, TICKS_GROUP) == 0, "all is committed")
    assert kept(database) == Counter(one.tick_id for one in good)
    letters = read(kafka, SINK_ERRORS.name)
    assert Counter(letter.value for letter in letters) == Counter(poison.value for poison in POISON.values())
    for letter in letters:
        assert letter.key == b"S1"
        assert letter.headers[names.STAGE] == "sink"
        assert letter.headers[names.ORIGIN_TOPIC] == MARKET_TICKS.name
        assert letter.headers[names.ORIGIN_GROUP] == TICKS_GROUP
        assert letter.headers[names.DISPOSITION] == "poison"
        assert (said := letter.headers[names.MESSAGE])
        assert said == (words_of(letter.value) or said)
    assert len(ask(database, "SELECT inhrelid FROM pg_inherits WHERE inhparent = 'market_ticks'::regclass")) == 1


def test_a_dead_letter_of_the_sink_is_drained_and_its_replay_brings_the_same_bytes_back(
    env: Env, kafka: Kafka, database: Database
) -> None:
    poison = POISON["a text with a NUL"]
    send(kafka, poison)
    everything = Selection(everything=True, states=("waiting",))
    with sink(env, "one", TICKS):
        eventually(lambda: read(kafka, SINK_ERRORS.name), "the letter is there")
        taken = drain(kafka, database, failure_threshold=1.0)
        assert (taken.new, taken.unreadable, taken.run_ids) == (1, 0, ())
        desk = Desk(database, kafka)
        (letter,), _total = desk.listed(everything)
        assert (letter.stage, letter.origin_topic, letter.run_id) == ("sink", MARKET_TICKS.name, None)
        assert desk.replay([letter], "ada", "the store takes NULs now").sent == (letter.id,)
        eventually(lambda: len(read(kafka, SINK_ERRORS.name)) == 2, "it comes back as a letter again")
    assert [record.value for record in read(kafka, MARKET_TICKS.name)] == [poison.value] * 2
    again = max(read(kafka, SINK_ERRORS.name), key=lambda record: record.headers[names.REPLAY_COUNT])
    assert again.headers[names.REPLAY_COUNT] == "1"
    assert kept(database) == Counter()


def test_a_dead_store_holds_up_its_own_route_and_loses_nothing(env: Env, kafka: Kafka, database: Database) -> None:
    ticks = [tick(n) for n in range(400)]
    with sink(env, "one", TICKS, SQLITE) as process:
        send(kafka, *messages(ticks[:100]))
        eventually(lambda: sum(kept(database).values()) == 100, "the first are there")
        with postgres_away(database.parameters):
            send(kafka, *messages(ticks[100:]), *messages(price(n, source="alpha-vantage") for n in range(5)))
            eventually(lambda: health(env, "one")["detail"][TICKS]["state"] == "waits", "the route says that it waits")
            eventually(lambda: len(sqlite_rows(env)) == 5, "the other route goes on")
            found = health(env, "one")["detail"]
            assert "PostgreSQL" in found[TICKS]["because"]
            assert found[SQLITE]["state"] == "runs"
        eventually(lambda: uncommitted(kafka, MARKET_TICKS.name, TICKS_GROUP) == 0, "it recovers by itself")
        assert kept(database) == Counter(one.tick_id for one in ticks)
        assert health(env, "one")["detail"][TICKS]["state"] == "runs"
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0


def test_a_store_that_is_away_at_the_start_says_so_before_any_message_and_opens_by_itself(
    env: dict[str, str], kafka: Kafka, mongo: str
) -> None:
    route, group = "mongo:trading-assets-market-data-v1", "stocks-sink-mongo-trading-assets-market-data-v1"
    address, _, options = mongo.removeprefix("mongodb://").partition("?")
    place, _, database = address.partition("/")
    relay = Relay(int(place.rpartition(":")[2]))
    env["MONGO_URL"] = f"mongodb://127.0.0.1:{relay.port}/{database}?{options}&serverSelectionTimeoutMS=300"
    relay.cut()
    try:
        with sink(env, "one", route, "bars") as process:
            assert health(env, "one")["detail"][route]["state"] == "waits"
            eventually(lambda: "MongoDB" in health(env, "one")["detail"][route]["because"], "it says why")
            relay.mend()
            eventually(lambda: health(env, "one")["detail"][route]["state"] == "runs", "it opens without a message")
            send(kafka, *messages(asset(n) for n in range(4)))
            eventually(lambda: uncommitted(kafka, TRADING_ASSETS.name, group) == 0, "all is committed")
            assert health(env, "one")["detail"][route]["new"] == 4
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    finally:
        relay.cut()


def test_the_end_does_not_wait_for_a_dead_store(env: Env, kafka: Kafka, database: Database) -> None:
    ticks = [tick(n) for n in range(100)]
    with sink(env, "one", TICKS) as process:
        eventually(lambda: "assigned" in log_of(env, "one"), "it has its partitions")
        with postgres_away(database.parameters):
            send(kafka, *messages(ticks))
            eventually(lambda: health(env, "one")["detail"][TICKS]["state"] == "waits", "the route waits")
            process.send_signal(signal.SIGTERM)
            assert process.wait(90) == 0
    assert uncommitted(kafka, MARKET_TICKS.name, TICKS_GROUP) == 100


def test_a_broken_store_ends_its_own_route_and_says_what_to_do(
    env: Env, kafka: Kafka, database: Database, tmp_path: Path
) -> None:
    file = Path(env["STOCKS_HOME"]) / "prices.sqlite3"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database" * 1000)
    with sink(env, "one", TICKS, SQLITE) as process:
        eventually(lambda: health(env, "one")["detail"][SQLITE]["state"] == "ended", "the route ends, unasked")
        found = health(env, "one")
        assert not found["healthy"]
        assert "SQLITE_PATH" in found["detail"][SQLITE]["because"]
        send(kafka, *messages(price(n, source="alpha-vantage") for n in range(5)))
        send(kafka, *messages(tick(n) for n in range(10)))
        eventually(lambda: sum(kept(database).values()) == 10, "the ticks' route goes on")
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 1
    assert uncommitted(kafka, STOCK_PRICES.name, "stocks-sink-sqlite-stock-prices") == 5


def test_a_nearly_full_disk_pauses_every_route(env: dict[str, str], kafka: Kafka, database: Database) -> None:
    send(kafka, *messages(tick(n) for n in range(10)))
    env["MIN_FREE_DISK_MIB"] = str(2**40)
    with sink(env, "one", TICKS) as process:
        eventually(lambda: health(env, "one")["detail"][TICKS]["state"] == "held", "the route says that it is held")
        assert "are free at" in health(env, "one")["detail"][TICKS]["because"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0
    assert kept(database) == Counter()
    assert uncommitted(kafka, MARKET_TICKS.name, TICKS_GROUP) == 10


def test_two_share_the_partitions_and_one_takes_over_what_the_other_leaves(
    env: Env, kafka: Kafka, database: Database
) -> None:
    ticks = [tick(n) for n in range(3000)]
    with sink(env, "one", TICKS) as first, sink(env, "two", TICKS):
        for name in ("one", "two"):
            eventually(lambda name=name: "assigned market_ticks" in log_of(env, name), f"{name} has partitions")
        send(kafka, *messages(ticks[:1000]))
        eventually(lambda: sum(kept(database).values()) == 1000, "both write")
        first.send_signal(signal.SIGTERM)
        send(kafka, *messages(ticks[1000:2000]))
        assert first.wait(90) == 0
        send(kafka, *messages(ticks[2000:]))
        eventually(lambda: uncommitted(kafka, MARKET_TICKS.name, TICKS_GROUP) == 0, "one writes all")
    assert kept(database) == Counter(one.tick_id for one in ticks)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--only", "postgres:ticks"), "is unknown; there are postgres:market_ticks"),
        (("--only", "csv:market_ticks"), "CSV_FOLDER is not set"),
        (("--concurrency", "4"), "--concurrency is not for the sink"),
    ],
    ids=["an unknown route", "a route without its setting", "a concurrency"],
)
def test_what_cannot_run_is_refused_with_2(
    database: Database, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    env = environment({"bootstrap.servers": "127.0.0.1:1"}, database, tmp_path / "home")
    with sink(env, "one", options=options) as process:
        assert process.wait(90) == 2
    assert said in log_of(env, "one")
