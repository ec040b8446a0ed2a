"""The screener's web page as a listing: one browser, a tab per region and band that it is walking."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from selenium.webdriver.remote.webdriver import WebDriver

from include.contracts.market_cap import Band
from include.contracts.quotes import Quote
from include.errors import Transient
from include.scrapers import walk
from include.scrapers.browser import Browser, lighten
from include.scrapers.evidence import Evidence
from include.scrapers.filters import choose_market_cap, choose_region, shows_region
from include.scrapers.listing import Listing, joined
from include.scrapers.page import LayoutChanged, Page, read
from include.scrapers.regions import Region, region
from include.scrapers.tabs import Tabs
from include.scrapers.walk import PAGE_SIZE, State

log = logging.getLogger(__name__)

_UNBOUNDED = Band()
_TABS = 6  # each costs some megabytes of one renderer

Quotes = Callable[[Sequence[str], str], list[Quote]]


class PageScreener:
    """Lists by the web page; currency, shares and the exact market cap come from batched quotes.

    Pages are read one at a time, because there is one browser; quotes are asked for meanwhile.
    ``quotes`` asks the source for the quotes of symbols in a region; ``permit`` is called before every
    load of rows.
    """

    def __init__(self, browser: Browser, evidence: Evidence, quotes: Quotes, permit: Callable[[], None]) -> None:
        self._browser = browser
        self._evidence = evidence
        self._quotes = quotes
        self._permit = permit
        self._turn = threading.Lock()
        self._tabs = Tabs(_TABS, lighten)
        self._generation = 0

    def list_page(self, code: str, band: Band, page: int) -> Listing:
        """List page ``page`` (counted from 0). Raises Transient, LayoutChanged with evidence, or Unfit."""
        shown = self._read(region(code), band, page * PAGE_SIZE)
        symbols = list(dict.fromkeys(row.symbol for row in shown.rows))
        quotes = self._quotes(symbols, code) if symbols else []
        quoted = {quote.symbol for quote in quotes}
        return Listing(
            announced=shown.total,
            page_size=PAGE_SIZE,
            quotes=joined(shown.rows, quotes, code, datetime.now(UTC)),
            unquoted=tuple(symbol for symbol in symbols if symbol not in quoted),
            sectors_seen=True,
        )

    def sectors(self, region: str, band: Band, announced: int) -> Sequence[Quote]:
        """None: the page shows them with its rows."""
        return ()

    def close(self) -> None:
        """Close the browser."""
        with self._turn:
            self._browser.close()

    def _read(self, wanted: Region, band: Band, start: int) -> Page:
        with self._turn, self._browser.driver() as driver:
            if self._generation != self._browser.generation:
                self._tabs.forget()
                self._generation = self._browser.generation
            try:
                return self._in_tab(driver, wanted, band, start)
            except LayoutChanged as error:
                # A page that was cut off on its way looks like a changed one, once.
                log.warning("%s; it is loaded once more", error)
                return self._in_tab(driver, wanted, band, start)

    def _in_tab(self, driver: WebDriver, wanted: Region, band: Band, start: int) -> Page:
        key = (wanted.code, band)
        new = self._tabs.turn_to(driver, key)
        try:
            return self._walk(driver, wanted, band, start, new=new)
        except LayoutChanged as error:
            changed = self._with_evidence(driver, wanted, band, error)
            self._tabs.close(driver, key)
            raise changed from error
        except BaseException:
            self._tabs.close(driver, key)  # nobody builds upon what it shows now
            raise

    def _walk(self, driver: WebDriver, wanted: Region, band: Band, start: int, *, new: bool) -> Page:
        shown = None if new else walk.state(driver)
        if shown is None or not 0 < shown.first <= start:  # what is shown already is loaded again, to be current
            shown = self._open(driver, wanted, band, start)
        shown = self._turn_pages(driver, shown, start)
        walk.require_screener(shown)
        page = _at(read(driver.page_source), start)
        if not shows_region(driver, wanted.code, wanted.name):
            raise Transient(f"the page does not show {wanted.name} alone; it is loaded again")
        _check_market_caps(page, band)
        return page

    def _open(self, driver: WebDriver, wanted: Region, band: Band, start: int) -> State:
        shown = walk.open_screener(driver, wanted.code, start, self._permit)
        walk.require_screener(shown)
        if not shows_region(driver, wanted.code, wanted.name):
            shown = walk.change(driver, lambda: choose_region(driver, wanted.code), self._permit)
        if band != _UNBOUNDED:
            shown = walk.change(driver, lambda: choose_market_cap(driver, band), self._permit)
        if shown.short:
            shown = walk.change(driver, lambda: walk.show_full_pages(driver), self._permit)
        if (
            start and not shown.is_beyond_end(start) and not 0 < shown.first <= start + 1
        ):  # the filters left it elsewhere
            return self._open(driver, wanted, band, 0)
        return shown

    def _turn_pages(self, driver: WebDriver, shown: State, start: int) -> State:
        while shown.whole and 0 < shown.first <= start and shown.has_next:
            before = shown.first
            shown = walk.change(driver, lambda: walk.next_page(driver), self._permit)
            if shown.whole and shown.first <= before:
                raise Transient(f"the page after row {before} did not come; the list is loaded again")
        return shown

    def _with_evidence(self, driver: WebDriver, wanted: Region, band: Band, error: LayoutChanged) -> LayoutChanged:
        about = f"screener {wanted.code} {band}"
        kept = self._evidence.keep(about, driver.page_source, driver.get_screenshot_as_png())
        where = f"; page and picture are in STOCKS_HOME/evidence/{kept}" if kept else ""
        return LayoutChanged(f"the screener page of {wanted.name} cannot be read: {error}{where}", evidence=kept)


def _at(page: Page, start: int) -> Page:
    """The page, without rows if the list has become too short to have that page."""
    if page.first == start + 1 or not page.rows:
        return page
    if page.total <= start:
        return Page(page.total, 0, 0, (), has_next=False)
    raise Transient(f"the page shows rows from {page.first}, not from {start + 1}; the list is loaded again")


def _check_market_caps(page: Page, band: Band) -> None:
    """Raises Transient if most rows lie outside of the band: the filter did not take."""
    caps = [row.market_cap for row in page.rows if row.market_cap is not None]
    outside = [
        cap
        for cap in caps
        if (band.minimum is not None and cap.value + cap.give_or_take * 2 < band.minimum)
        or (band.maximum is not None and cap.value - cap.give_or_take * 2 > band.maximum)
    ]
    if len(outside) * 2 > len(caps):
        raise Transient(f"{len(outside)} of {len(caps)} rows lie outside of {band}; the list is loaded again")
