"""The backup that a streamed feed writes beside its topic."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from feed_trials import Process, messages, once, rows, running_feed, until

from include.contracts.prices import Tick
from include.contracts.topics import MARKET_TICKS
from include.market.server import Market
from include.stores.postgres import Database
from include.stores.tick_csv import decode as read_line
from include.stores.ticks import TickStore
from include.transport.codec import decode
from include.workers.restore import restore
from include.workers.restore_reading import backups


def test_what_a_stream_publishes_is_in_its_backup(environment: dict[str, str], kafka: dict[str, str]) -> None:
    with running_feed("alpaca-crypto", environment) as found:
        messages(kafka, MARKET_TICKS.name, 20)
    sent = [decode(m.value(), Tick) for m in messages(kafka, MARKET_TICKS.name, found[0].sent)]
    (backup,) = (Path(environment["STOCKS_HOME"]) / "backups" / "alpaca-crypto").glob("*.csv")
    kept = {read_line(line) for line in backup.read_text().splitlines()[1:]}
    assert kept == set(sent)


def test_a_backup_outlives_a_kill_and_is_loaded_back(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    folder = Path(environment["STOCKS_HOME"]) / "backups" / "alpaca-crypto"
    with Process(environment | market.environment, "feed", "alpaca-crypto") as feed:
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
    with running_feed("alpaca-crypto", environment):
        assert len(messages(kafka, MARKET_TICKS.name, 20)) == 20
        until(lambda: rows(database, "SELECT 1 FROM feed_states WHERE detail LIKE 'backup: %backups%'"))
        assert rows(database, "SELECT state FROM feed_states") == [("connected",)]


def test_a_stream_without_a_backup_writes_no_file(environment: dict[str, str]) -> None:
    assert once("alpaca-crypto", environment, BACKUP="off").sent > 0
    assert not (Path(environment["STOCKS_HOME"]) / "backups").exists()
