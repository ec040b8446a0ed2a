"""The screener page and its rows as a site: what an address asks for, and who is asked to consent first."""

from __future__ import annotations

from include.market.wire import HTML, JSON, Reply, Request
from include.market.world.regions import REGIONS
from include.market.yahoo.consent import Consent
from include.market.yahoo.page import PAGE_SIZES, PATH, Page
from include.market.yahoo.page_rows import Listing
from include.market.yahoo.screen import Query, Screener

_HOME = b"<!DOCTYPE html><html><body>Yahoo Finance</body></html>"


class Site:
    """finance.yahoo.com, as far as the screener goes."""

    def __init__(self, page: Page, screener: Screener, consent: Consent) -> None:
        self._page = page
        self._screener = screener
        self._consent = consent

    def page(self, request: Request) -> Reply:
        """The screener's page; an empty one for any other path."""
        if not self._consent.given(request):
            return self._consent.begin(request)
        if request.path.rstrip("/") + "/" != PATH:
            return Reply(200, _HOME, HTML)
        region = request.query.get("region", "us").lower()
        listing = self._listing([region if region in REGIONS else "us"], request.query)
        return Reply(200, self._page.html(listing), HTML)

    def rows(self, request: Request) -> Reply:
        """The rows that the page's script asks for, by the filters of its state."""
        regions = [code for code in request.query.get("regions", "").split(",") if code]
        return Reply(200, self._page.data(self._listing(regions, request.query)), JSON)

    def _listing(self, regions: list[str], query: dict[str, str]) -> Listing:
        count = min(whole(query.get("count")) or PAGE_SIZES[0], PAGE_SIZES[-1])
        start = max(whole(query.get("start")) or 0, 0)
        either = Query("OR", [Query("EQ", ["region", code]) for code in regions or list(REGIONS)])
        bands = [_band(text) for text in query.get("caps", "").split(",") if text]
        node = Query("AND", [either, Query("OR", bands)] if bands else [either])
        found = self._screener.find(node, "intradaymarketcap", "DESC")
        return Listing(found[start : start + count], start, count, len(found), regions[0] if regions else "")


def whole(text: str | None) -> int | None:
    """A whole number of an address; None for what is none."""
    try:
        return None if not text else int(float(text))
    except (ValueError, OverflowError):
        return None


def _band(text: str) -> Query:
    """``low-high`` of market caps, both included, either absent."""
    low, _, high = text.partition("-")
    return Query("BTWN", ["intradaymarketcap", whole(low) or 0, whole(high) or 1e300])
