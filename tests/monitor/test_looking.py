"""One reading of the real tables: full, empty, not migrated, and away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import psycopg2
import pytest
from rich.console import Console

from include.contracts.prices import PriceMovement, identify_movement
from include.errors import ConfigurationError, Transient
from include.feeds.hours import AlwaysOpen, Hours
from include.monitor.looking import glance, look
from include.monitor.page import feeds_page
from include.monitor.reading import FeedReading, Reading
from include.monitor.screen import feeds_view
from include.stores import feed_book
from include.stores.feed_book import FeedReport
from include.stores.movements import MovementStore
from include.stores.partitions import ensure
from include.stores.postgres import Database
from include.transport.limits import parse_limits
from include.transport.quota import Quota, fingerprint

pytestmark = pytest.mark.stack
KEYS = {
    "POLYGON_API_KEY": "canary-polygon",
    "BRAPI_TOKEN": "canary-brapi",
    "ALPHAVANTAGE_API_KEY": "canary-alpha",
    "APCA_API_KEY_ID": "canary-alpaca",
    "APCA_API_SECRET_KEY": "canary-secret",
}
ENV = KEYS | {"POLYGON_SYMBOLS": "AAPL,NOZZZ,MSFT"}
_BAR = """
INSERT INTO bars_1m (bar_at, feed, symbol, open, high, low, close, trades, is_partial)
VALUES (%s, 'alpaca-crypto', %s, 1, 1, 1, 1, %s, false)
"""


def _always(_calendar: str | None, _at: datetime) -> Hours:
    return AlwaysOpen()


def _feed(reading: Reading, name: str) -> FeedReading:
    return next(feed for feed in reading.feeds if feed.name == name)


def _look(database: Database, env: dict[str, str] = ENV) -> Reading:
    return look(database, env, _always)


def test_empty_tables_are_read_too(database: Database) -> None:
    reading = _look(database, {})
    assert {feed.standing for feed in reading.feeds} == {"not configured"}
    assert (reading.quotas, reading.gaps, reading.movements) == ((), (), ())
    assert abs(datetime.now(UTC) - reading.read_at) < timedelta(minutes=1)
    assert {feed.standing for feed in _look(database).feeds} == {"never ran"}


def test_a_polled_feed_tells_of_its_symbols_its_cache_and_its_quota(database: Database) -> None:
    now = datetime.now(UTC)
    report = FeedReport(
        feed="polygon",
        state="stopped",
        started_at=now,
        last_message_at=now,
        sent=1,
        failed=1,
        cache_hits=3,
        cache_misses=1,
    )
    Quota(database.transaction, "polygon", parse_limits("5/min"), key="canary-polygon").try_take()
    with database.transaction() as connection:
        feed_book.report(connection, report)
        feed_book.answered(connection, "polygon", now, {"AAPL": now, "GONE": now})
        feed_book.failed(connection, "polygon", now, {"NOZZZ": "polygon has no bar of NOZZZ"})
    reading = _look(database)
    feed = _feed(reading, "polygon")
    assert (feed.standing, feed.sent, feed.failed, feed.success_rate, feed.cache_hit_rate) == ("fine", 1, 1, 0.5, 0.75)
    # A symbol that is watched no longer is nobody's concern; one that was never asked for is there.
    assert [(s.symbol, s.answered_at is not None, s.failure) for s in feed.symbols] == [
        ("AAPL", True, None),
        ("NOZZZ", False, "polygon has no bar of NOZZZ"),
        ("MSFT", False, None),
    ]
    (budget,) = [budget for budget in reading.quotas if budget.source == "polygon"]
    assert [(w.left, w.allowed) for w in budget.windows] == [(4, 5)]


def test_two_feeds_of_one_source_share_one_quota(database: Database) -> None:
    assert [budget.source for budget in _look(database).quotas] == ["polygon", "brapi", "alpha-vantage", "alpaca"]


def test_a_stream_tells_of_its_gaps_and_its_trades(database: Database) -> None:
    now = datetime.now(UTC)
    minute = now.replace(second=0, microsecond=0) - timedelta(minutes=2)
    with database.transaction() as connection, connection.cursor() as cursor:
        feed_book.report(
            connection, FeedReport(feed="alpaca-crypto", state="connected", started_at=now, last_message_at=now, sent=9)
        )
        feed_book.open_gap(connection, "alpaca-crypto", now - timedelta(hours=2), "mute for 90 s")
        feed_book.close_gaps(connection, "alpaca-crypto", now - timedelta(hours=1))
        feed_book.open_gap(connection, "alpaca-crypto", now, "the connection was reset")
        ensure(connection, "bars_1m", [minute])
        cursor.execute(_BAR, [minute, "BTC/USD", 7])
        cursor.execute(_BAR, [minute, "ETH/USD", 5])
    reading = _look(database)
    feed = _feed(reading, "alpaca-crypto")
    assert (feed.standing, feed.gaps) == ("fine", {"open": 1, "closed": 1})
    assert [gap.state for gap in reading.gaps] == ["open", "closed"]
    assert (len(feed.trades_per_minute), sum(feed.trades_per_minute)) == (60, 12)
    assert 12 in feed.trades_per_minute[-4:]  # a minute may have passed meanwhile


def test_the_latest_movements_come_first(database: Database) -> None:
    now = datetime.now(UTC)
    movements = [
        identify_movement(
            PriceMovement(
                movement_id="",
                source="alpaca",
                symbol=symbol,
                window_s=300,
                percent=4.0,
                price_before=100,
                price_after=104,
                moved_from_at=now - timedelta(minutes=minutes + 3),
                moved_to_at=now - timedelta(minutes=minutes),
            )
        )
        for symbol, minutes in (("OLD", 3000), ("FIRST", 60), ("LAST", 1))
    ]
    MovementStore(database).write(movements)
    assert [m.symbol for m in _look(database).movements] == ["LAST", "FIRST"]


def test_no_key_and_no_fingerprint_of_one_is_in_what_is_shown(database: Database) -> None:
    for source, variable in (("polygon", "POLYGON_API_KEY"), ("alpaca", "APCA_API_KEY_ID")):
        Quota(database.transaction, source, parse_limits("5/min"), key=KEYS[variable]).try_take()
    for env in (ENV, {}):
        reading = _look(database, env)
        assert reading.quotas
        console = Console(record=True, width=200, file=None, quiet=False)
        with console.capture() as shown:
            console.print(feeds_view(reading))
        everything = msgspec.json.encode(reading).decode() + feeds_page(reading) + shown.get()
        assert not [key for key in KEYS.values() if key in everything or fingerprint(key) in everything]


def test_a_malformed_setting_of_one_feed_hides_no_other(database: Database) -> None:
    reading = _look(database, ENV | {"POLYGON_QUOTA": "much", "YAHOO_QUOTA": "more", "SYNC_INTERVAL_MINUTES": "often"})
    standings = {feed.name: feed.standing for feed in reading.feeds}
    assert (standings["polygon"], standings["brapi"], standings["alpha-vantage"]) == (
        "not configured",
        "not configured",
        "never ran",
    )
    assert "'much' is no limit" in str(_feed(reading, "polygon").why)


def test_a_schema_that_is_too_old_says_what_to_do(database: Database) -> None:
    connection = psycopg2.connect(**dict(database.parameters))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE price_movements")
    finally:
        connection.close()
    with pytest.raises(ConfigurationError, match="stocks migrate"):
        _look(database)


def test_a_database_that_is_away_is_named() -> None:
    with pytest.raises(Transient, match=r"PostgreSQL at 127\.0\.0\.1"):
        glance({"DB_USER": "x", "DB_PASSWORD": "hidden-word", "DB_HOST": "127.0.0.1", "DB_PORT": "1"})


def test_a_feed_is_given_two_rounds_and_at_least_a_quarter_of_an_hour(database: Database) -> None:
    given = {feed.name: feed.patience_s for feed in _look(database, ENV | {"SYNC_INTERVAL_MINUTES": "45"}).feeds}
    assert (given["polygon"], given["brapi"], given["alpaca-stocks"]) == (900, 90 * 60, 180)
