"""Readings as tests want them: a quiet morning, and one in which everything is wrong and hostile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from include.contracts.prices import PriceMovement
from include.monitor.reading import FeedReading, Market, Reading, SymbolReading
from include.stores.feed_book import Gap
from include.transport.budgets import Budget
from include.transport.limits import WindowState

NOW = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>\"'&\u202e\x07"


def ago(**units: float) -> datetime:
    """That long before the reading."""
    return NOW - timedelta(**units)


POLYGON = FeedReading(
    name="polygon",
    title="Polygon",
    topic="stock-prices",
    polls=True,
    standing="fine",
    state="stopped",
    started_at=ago(seconds=50),
    updated_at=ago(seconds=10),
    last_message_at=ago(days=1),
    heard_at=ago(seconds=12),
    patience_s=120.0,
    sent=4,
    failed=1,
    success_rate=0.8,
    cache_hits=9,
    cache_misses=1,
    cache_hit_rate=0.9,
    symbols=(
        SymbolReading("AAPL", ago(seconds=12), None, None),
        SymbolReading("MSFT", ago(hours=3), None, None),
        SymbolReading("NOZZZ", None, ago(minutes=1), "polygon has no bar of NOZZZ"),
        SymbolReading("NVDA", None, None, None),
    ),
)
STREAM = FeedReading(
    name="alpaca-stocks",
    title="Alpaca stocks",
    topic="market_ticks",
    polls=False,
    standing="lost",
    why="the connection was reset",
    state="lost",
    detail="the connection was reset",
    started_at=ago(hours=20),
    updated_at=ago(seconds=1),
    last_message_at=ago(minutes=2),
    heard_at=ago(minutes=2),
    patience_s=180.0,
    market=Market("XNYS", True, NOW + timedelta(hours=5, minutes=30), ((ago(hours=1), NOW + timedelta(hours=5.5)),)),
    sent=1_234_567,
    gaps={"open": 1, "filled": 3},
    trades_per_minute=(0,) * 58 + (10, 20),
)
QUOTAS = (
    Budget("polygon", (WindowState(60.0, 5, 2, 0.0, 43.0),)),
    Budget("alpha-vantage", (WindowState(86_400.0, 25, 0, 11_520.0, 72_000.0),), 90.0),
)
GAPS = (
    Gap(
        feed="alpaca-stocks", started_at=ago(minutes=2), ended_at=None, reason="the connection was reset", state="open"
    ),
    Gap(
        feed="alpaca-stocks",
        started_at=ago(hours=5),
        ended_at=ago(hours=4, minutes=50),
        reason="mute for 90 s",
        state="filled",
        ticks=1405,
    ),
)
MOVEMENTS = (
    PriceMovement(
        movement_id="0f8fad5b-d9cb-469f-a165-70867728950e",
        source="alpaca",
        symbol="TSLA",
        window_s=300.0,
        percent=-3.25,
        price_before=200.0,
        price_after=193.5,
        moved_from_at=ago(minutes=9),
        moved_to_at=ago(minutes=5),
    ),
)
MORNING = Reading(read_at=NOW, feeds=(POLYGON, STREAM), quotas=QUOTAS, gaps=GAPS, movements=MOVEMENTS)
EMPTY = Reading(
    read_at=NOW,
    feeds=(
        FeedReading(
            name="polygon",
            title="Polygon",
            topic="stock-prices",
            polls=True,
            standing="not configured",
            why="POLYGON_API_KEY is not set. It expects: a key of polygon.io",
            lacks="POLYGON_API_KEY is not set. It expects: a key of polygon.io",
        ),
    ),
)
