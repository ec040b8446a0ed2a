"""What a feed finds in its tests: the vendors, and the surroundings of its process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from feed_trials import KEYS

from include.market.server import Market, MarketSettings
from include.stack.database import database_variables
from include.stores.postgres import Database


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
    market.reset_stats()
    return (KEYS | database_variables(database.parameters)) | {
        "KAFKA_BOOTSTRAP_SERVERS": kafka["bootstrap.servers"],
        "STOCKS_HOME": str(tmp_path / "home"),
        "ALPACA_STREAM_URL": market.url.replace("http", "ws"),
        "ALPACA_DATA_URL": market.url,
        "ALPACA_CRYPTOS": "BTC/USD,ETH/USD",
    }
