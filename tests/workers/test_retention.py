"""Tables of prices do not grow for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from extension_trials import install, run

from include.errors import Transient
from include.settings import RetentionSettings
from include.stack.database import LocalDatabase
from include.stores import feed_book, partitions
from include.stores.postgres import Database
from include.workers.retention import drop_old

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SETTINGS = RetentionSettings.from_env(
    {"TICKS_KEPT_DAYS": "2", "PRICES_KEPT_DAYS": "40", "BARS_KEPT_DAYS": "40", "MOVEMENTS_KEPT_DAYS": "10"}
)


def test_what_is_older_than_its_days_is_dropped_and_the_rest_stays(database: Database) -> None:
    with database.transaction() as connection:
        for table in partitions.SPANS:
            partitions.ensure(connection, table, [NOW - timedelta(days=days) for days in (0, 2, 3, 40, 80)])
    assert drop_old(database, SETTINGS, NOW) == [
        "market_ticks_20260327",
        "market_ticks_20260506",
        "market_ticks_20260612",
        "price_history_20260301",
        "bars_1m_20260301",
        "price_movements_20260301",
        "price_movements_20260501",
    ]
    assert drop_old(database, SETTINGS, NOW) == []


def test_partitions_are_dropped_though_timescaledb_came_after_them(postgres: LocalDatabase, database: Database) -> None:
    install(postgres, database.parameters, "SELECT 1;")
    run(database.parameters, "CREATE EXTENSION timescaledb")
    with database.transaction() as connection:
        partitions.ensure(connection, "market_ticks", [NOW - timedelta(days=9)])
    assert drop_old(database, SETTINGS, NOW) == ["market_ticks_20260606"]


def test_an_old_gap_is_forgotten_and_an_open_one_is_not(database: Database) -> None:
    with database.transaction() as connection:
        feed_book.open_gap(connection, "alpaca-stocks", NOW - timedelta(days=90), "lost")
        feed_book.close_gaps(connection, "alpaca-stocks", NOW - timedelta(days=89))
        feed_book.open_gap(connection, "alpaca-stocks", NOW - timedelta(days=88), "lost")
    drop_old(database, SETTINGS, NOW)
    with database.transaction() as connection:
        assert feed_book.gap_counts(connection) == {"alpaca-stocks": {"open": 1}}


def test_a_busy_table_is_left_for_the_next_time(database: Database) -> None:
    with database.transaction() as connection:
        partitions.ensure(connection, "market_ticks", [NOW - timedelta(days=9)])
    with psycopg2.connect(**database.parameters) as reader, reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM market_ticks")
        with pytest.raises(Transient):
            drop_old(database, SETTINGS, NOW)
    reader.close()
    assert drop_old(database, SETTINGS, NOW) == ["market_ticks_20260606"]
