"""The feed catalogue: a row per feed. What a plan allows is the free plan's; a setting replaces it."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from include.contracts.topics import MARKET_TICKS, STOCK_PRICES, TICK_CORRECTIONS, TRADING_ASSETS, Topic
from include.errors import ConfigurationError
from include.feeds import alpaca, alpha_vantage, brapi, polygon, watchlists

DAY = timedelta(days=1)


class FeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a feed without asking anybody.

    ``quota`` is as ``parse_limits`` reads it; feeds with one ``source`` draw on one quota. ``calendar``
    is the exchange (ISO 10383) whose hours matter, None where none does. ``polls`` tells the asking
    feeds from those that listen. What the vendor takes back goes to ``corrections``.
    """

    name: str
    title: str
    source: str
    topic: Topic
    variables: tuple[str, ...]
    quota: str
    watchlist: tuple[str, ...]
    symbols_variable: str
    calendar: str | None = None
    compression: str = "zstd"
    polls: bool = True
    corrections: Topic | None = None


CATALOG: tuple[FeedRow, ...] = (
    FeedRow(
        name=polygon.NAME,
        title="Polygon",
        source="polygon",
        topic=STOCK_PRICES,
        variables=("POLYGON_API_KEY",),
        quota="5/min",
        watchlist=watchlists.POLYGON,
        symbols_variable="POLYGON_SYMBOLS",
        compression="gzip",
    ),
    FeedRow(
        name=brapi.NAME,
        title="Brapi",
        source="brapi",
        topic=TRADING_ASSETS,
        variables=("BRAPI_TOKEN",),
        quota="2/s 15000/month",
        watchlist=watchlists.BRAPI,
        symbols_variable="BRAPI_TICKERS",
        calendar="BVMF",
    ),
    FeedRow(
        name=alpha_vantage.NAME,
        title="Alpha Vantage",
        source="alpha-vantage",
        topic=STOCK_PRICES,
        variables=("ALPHAVANTAGE_API_KEY",),
        quota="1/s 5/min 25/day",
        watchlist=watchlists.ALPHA_VANTAGE,
        symbols_variable="ALPHAVANTAGE_SYMBOLS",
    ),
    FeedRow(
        name=alpaca.STOCKS.name,
        title="Alpaca stocks",
        source="alpaca",
        topic=MARKET_TICKS,
        variables=("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
        quota="200/min",
        watchlist=watchlists.ALPACA_STOCKS,
        symbols_variable="ALPACA_STOCKS",
        calendar=alpaca.STOCKS.calendar,
        polls=False,
        corrections=TICK_CORRECTIONS,
    ),
    FeedRow(
        name=alpaca.CRYPTO.name,
        title="Alpaca crypto",
        source="alpaca",
        topic=MARKET_TICKS,
        variables=("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
        quota="200/min",
        watchlist=watchlists.ALPACA_CRYPTO,
        symbols_variable="ALPACA_CRYPTOS",
        calendar=alpaca.CRYPTO.calendar,
        polls=False,
        corrections=TICK_CORRECTIONS,
    ),
)


def row(name: str) -> FeedRow:
    """The feed of that name. Raises ConfigurationError."""
    found = next((r for r in CATALOG if r.name == name), None)
    if found is None:
        raise ConfigurationError(f"there is no feed {name!r}; choose one of {', '.join(r.name for r in CATALOG)}")
    return found
