"""A local market, a browser and both ways to list, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from listers import Listers

from include.market.server import Market, MarketSettings
from include.scrapers import quotes
from include.scrapers.api import QueryScreener
from include.scrapers.browser import Browser
from include.scrapers.evidence import Evidence
from include.scrapers.screener import PageScreener
from include.scrapers.yahoo import Yahoo


@pytest.fixture(scope="module")
def listers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listers]:
    """A market of 120 stocks per region, which is two pages, and its listers."""
    home = tmp_path_factory.mktemp("listing")
    with Market(MarketSettings(home=home, stocks_per_region=120, as_of=date(2026, 11, 20))) as market:
        yahoo = Yahoo.from_env(market.environment, home / "yahoo")
        browser = Browser(market.environment, home / "browser")
        evidence = home / "evidence"
        page = PageScreener(
            browser,
            Evidence(evidence),
            quotes=lambda symbols, region: quotes.fetch(yahoo, symbols, region),
            permit=lambda: None,
        )
        yield Listers(market, browser, page, QueryScreener(yahoo), evidence)
        page.close()
