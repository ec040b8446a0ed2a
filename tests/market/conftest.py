"""A running local market for the tests of this folder, and clients that reach it as any program would."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from include.market.server import Market, MarketSettings

AS_OF = date(2026, 11, 20)
PAGE = "https://finance.yahoo.com/research-hub/screener/equity/?start=0&count=100"
QUERY = "https://query1.finance.yahoo.com"


@pytest.fixture(scope="session")
def market_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One state folder for all: keys are made once."""
    return tmp_path_factory.mktemp("market")


@pytest.fixture
def running(market_home: Path) -> Iterator[Callable[..., Market]]:
    """Starts markets with the given settings, and stops them afterwards."""
    with ExitStack() as markets:
        yield lambda **settings: markets.enter_context(
            Market(MarketSettings(home=market_home, **({"stocks_per_region": 40, "as_of": AS_OF} | settings)))
        )


@pytest.fixture(scope="session")
def calm_market(market_home: Path) -> Iterator[Market]:
    """A calm market that tests may share: they must not count its requests."""
    with Market(MarketSettings(home=market_home, stocks_per_region=40, as_of=AS_OF)) as market:
        yield market


@pytest.fixture
def client_of() -> Iterator[Callable[..., httpx.Client]]:
    """HTTP clients of a market, with its proxy and its CA."""
    with ExitStack() as clients:

        def client(market: Market, **options: Any) -> httpx.Client:
            context = ssl.create_default_context(cafile=str(market.certificates.bundle_file))
            made = httpx.Client(proxy=market.url, verify=context, trust_env=False, timeout=60, **options)
            return clients.enter_context(made)

        yield client


@pytest.fixture
def signed_in(client_of: Callable[..., httpx.Client]) -> Callable[[Market], tuple[httpx.Client, str]]:
    """A client with Yahoo's cookie, and its crumb."""

    def open_session(market: Market) -> tuple[httpx.Client, str]:
        client = client_of(market)
        client.get("https://fc.yahoo.com/")
        return client, client.get(f"{QUERY}/v1/test/getcrumb").text

    return open_session
