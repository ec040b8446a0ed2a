"""Ticks as a writer of ticks keeps them, and the bars that come of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from include.contracts.prices import Tick, identify_tick
from include.stores import feed_book, partitions
from include.stores.feed_book import FeedReport
from include.stores.postgres import Database

FEED = "alpaca-stocks"
MINUTE = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
OVER = MINUTE + timedelta(minutes=5)
BEFORE = MINUTE - timedelta(hours=1)

INSERT = """
INSERT INTO market_ticks (ticked_at, symbol, tick_id, feed, kind, price, size, conditions)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
NOTE = "INSERT INTO bars_due (feed, symbol, bar_at) VALUES (%s, %s, date_trunc('minute', %s)) ON CONFLICT DO NOTHING"


def trade(
    after_s: float, price: float, size: float | None = 1, *, conditions: tuple[str, ...] = ("@",), **other: Any
) -> Tick:
    """A trade so many seconds after the minute began."""
    fields = {"feed": FEED, "symbol": "AAPL", "kind": "trade"} | other
    at = MINUTE + timedelta(seconds=after_s)
    trade_id = str(fields.pop("trade", ""))
    found = Tick(schema_version=1, tick_id=0, ticked_at=at, price=price, size=size, conditions=conditions, **fields)
    return identify_tick(found, trade_id)


def write(connection: Any, ticks: Iterable[Tick]) -> None:
    """What a writer of ticks does within its transaction."""
    with connection.cursor() as cursor:
        for t in ticks:
            partitions.ensure(connection, "market_ticks", [t.ticked_at])
            cursor.execute(
                INSERT, [t.ticked_at, t.symbol, t.tick_id, t.feed, t.kind, t.price, t.size, list(t.conditions)]
            )
            cursor.execute(NOTE, [t.feed, t.symbol, t.ticked_at])


def keep(database: Database, *ticks: Tick) -> None:
    with database.transaction() as connection:
        write(connection, ticks)


def bar(database: Database, symbol: str = "AAPL", at: datetime = MINUTE) -> dict[str, Any] | None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM bars_1m WHERE symbol = %s AND bar_at = %s", [symbol, at])
        row = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
        return dict(zip(names, row, strict=True)) if row else None


def figures(database: Database, symbol: str = "AAPL", at: datetime = MINUTE) -> tuple[Any, ...] | None:
    """Open, high, low, close, volume, VWAP, trades."""
    found = bar(database, symbol, at)
    names = ("open", "high", "low", "close", "volume", "vwap", "trades")
    return tuple(found[name] for name in names) if found else None


def lacks(database: Database) -> list[str]:
    found = bar(database)
    assert found is not None
    assert found["is_partial"] == bool(found["partial_because"])
    return list(found["partial_because"])


def heard(database: Database, publishes: feed_book.Publishes = "all", since: datetime = BEFORE) -> None:
    """The feed listened from ``since`` until now, by its own books."""
    with database.transaction() as connection:
        feed_book.publishes(connection, FEED, since, publishes)
        feed_book.report(connection, FeedReport(feed=FEED, state="connected", started_at=since))


WORKED = [trade(5, 100.0, 10), trade(20, 101.0, 20), trade(40, 99.5, 30), trade(59.999999, 100.5, 40)]
