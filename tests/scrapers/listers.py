"""What the listing tests stand on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from include.market.server import Market
from include.scrapers.api import QueryScreener
from include.scrapers.browser import Browser
from include.scrapers.screener import PageScreener


class Listers(NamedTuple):
    """Both ways to list the same market, and what they stand on."""

    market: Market
    browser: Browser
    page: PageScreener
    query: QueryScreener
    evidence: Path
