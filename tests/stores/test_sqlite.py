"""The SQLite store: a table from the start, and a file that others may read, lock, remove or damage."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.contracts.prices import Price, identify_price
from include.errors import ConfigurationError, Transient, Unfit
from include.stores.sqlite import SqliteStore

NOW = datetime.now(UTC)


def price(symbol: str, **changed: Any) -> Price:
    given: dict[str, Any] = {
        "price_id": "",
        "source": "alpha-vantage",
        "symbol": symbol,
        "price": 12.5,
        "price_at": datetime(2026, 11, 20, tzinfo=UTC),
        "observed_at": NOW,
    }
    return identify_price(Price(**(given | changed)))


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_the_table_is_there_before_the_first_message(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "deep" / "prices.sqlite3").close()
    assert rows(tmp_path / "deep" / "prices.sqlite3", "SELECT count(*) FROM prices") == [(0,)]


def test_a_price_is_a_row_that_sqlites_own_dates_understand(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "p.sqlite3")
    store.write([price("IBM", volume=7, previous_close=None, trades=3)])
    store.close()
    query = "SELECT source, symbol, price, volume, previous_close, trades, date(price_at) FROM prices"
    assert rows(tmp_path / "p.sqlite3", query) == [("alpha-vantage", "IBM", 12.5, 7.0, None, 3, "2026-11-20")]


def test_what_is_written_is_synced_at_every_commit(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "p.sqlite3")
    store.write([price("IBM")])
    assert rows(tmp_path / "p.sqlite3", "PRAGMA journal_mode") == [("wal",)]
    assert rows(tmp_path / "p.sqlite3", "SELECT symbol FROM prices") == [("IBM",)]  # while the store is open
    store.close()


def test_prices_of_long_ago_go(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "p.sqlite3")
    store.write([price("OLD", observed_at=NOW - timedelta(days=11)), price("NEW", observed_at=NOW - timedelta(days=9))])
    store.close()
    store = SqliteStore(tmp_path / "p.sqlite3", kept_days=10)
    store.write([])
    store.close()
    assert rows(tmp_path / "p.sqlite3", "SELECT symbol FROM prices") == [("NEW",)]


def test_a_file_that_was_removed_is_made_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "p.sqlite3")
    store.write([price("IBM")])
    for path in tmp_path.iterdir():
        path.unlink()
    assert store.write([price("IBM")]).new == 1
    store.close()
    assert rows(tmp_path / "p.sqlite3", "SELECT symbol FROM prices") == [("IBM",)]


def test_a_file_that_is_something_else_is_left_alone_until_it_is_moved_away(tmp_path: Path) -> None:
    diary = b"my diary, not a database" * 99
    (tmp_path / "p.sqlite3").write_bytes(diary)
    store = SqliteStore(tmp_path / "p.sqlite3")
    with pytest.raises(Unfit, match=r"p\.sqlite3 cannot be used.*SQLITE_PATH"):
        store.write([price("IBM")])
    assert (tmp_path / "p.sqlite3").read_bytes() == diary
    (tmp_path / "p.sqlite3").rename(tmp_path / "diary")
    assert store.write([price("IBM")]).new == 1
    store.close()


def test_a_file_that_is_locked_at_the_start_stops_no_start(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "p.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    store = SqliteStore(tmp_path / "p.sqlite3", locked_s=0.05)
    with pytest.raises(Transient, match="locked"):
        store.write([price("IBM")])
    other.close()
    assert store.write([price("IBM")]).new == 1
    store.close()


def test_a_place_that_cannot_be_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="SQLITE_PATH expects"):
        SqliteStore(tmp_path / "file" / "p.sqlite3")
