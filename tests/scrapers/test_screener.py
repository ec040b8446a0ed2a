"""Listing a region with a real Chromium, and by the query, on the local market."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from listers import Listers

from include.contracts.market_cap import Band, band
from include.contracts.quotes import Quote
from include.errors import Permanent, Transient
from include.scrapers.listing import Listing
from include.scrapers.page import read
from include.scrapers.regions import REGIONS
from include.scrapers.screener import PageScreener

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not (shutil.which("chromium") and shutil.which("chromedriver")), reason="needs Chromium"),
]
ALL = Band()
MIDDLE = band("300M", "2B")


def _whole(page: PageScreener, region: str, chosen: Band) -> list[Listing]:
    first = page.list_page(region, chosen, 0)
    return [first, *(page.list_page(region, chosen, n) for n in range(1, first.pages))]


def _stocks(pages: list[Listing], chosen: Band) -> dict[str, Quote]:
    return {q.symbol: q for page in pages for q in page.quotes if q.market_cap is None or q.market_cap in chosen}


@pytest.mark.parametrize("chosen", [ALL, MIDDLE, band("1B", None), band(None, "500M")], ids=str)
def test_page_and_query_find_the_same_stocks(listers: Listers, chosen: Band) -> None:
    by_page = _whole(listers.page, "gb", chosen)
    by_query = listers.query.list_page("gb", chosen, 0)
    found, expected = _stocks(by_page, chosen), _stocks([by_query], chosen)
    assert found.keys() == expected.keys()
    assert len(found) > 5
    assert by_page[0].announced == by_query.announced
    for symbol, quote in found.items():
        assert (quote.market_cap, quote.currency, quote.shares_outstanding) == (
            expected[symbol].market_cap,
            expected[symbol].currency,
            expected[symbol].shares_outstanding,
        )


def test_the_page_shows_the_querys_market_caps_to_its_rounding(listers: Listers) -> None:
    exact = _stocks([listers.query.list_page("us", ALL, 0)], ALL)
    listers.page.list_page("us", ALL, 0)
    with listers.browser.driver() as driver:
        rows = read(driver.page_source).rows
    assert len(rows) == 100
    for row in rows:
        cap = exact[row.symbol].market_cap
        assert (row.market_cap is None) == (cap is None)
        assert row.market_cap is None or (cap is not None and row.market_cap.is_about(cap))
        assert row.sector
        assert row.industry


def test_two_pages_hold_every_announced_stock_once(listers: Listers) -> None:
    pages = _whole(listers.page, "jp", ALL)
    symbols = [quote.symbol for page in pages for quote in page.quotes]
    assert [len(page.quotes) for page in pages] == [100, 20]
    assert len(set(symbols)) == len(symbols) == pages[0].announced == 120
    assert all(quote.sector for page in pages for quote in page.quotes if quote.quote_type == "EQUITY")


def test_a_first_visitor_is_led_through_the_consent_page(listers: Listers) -> None:
    listers.page.list_page("fr", ALL, 0)
    kinds = listers.market.stats()["vendors"]["yahoo"]["kinds"]
    assert kinds["consent"]["requests"] > 0


def test_consent_may_be_asked_for_again_at_any_time(listers: Listers) -> None:
    listers.market.strike("page", "consent")
    assert len(listers.page.list_page("it", ALL, 0).quotes) == 100


def test_an_empty_band_is_an_answer(listers: Listers) -> None:
    for lister in (listers.page, listers.query):
        listing = lister.list_page("gb", band("1", "2"), 0)
        assert (listing.announced, listing.quotes, listing.pages) == (0, (), 0)


def test_a_page_beyond_the_end_is_empty_and_says_the_total(listers: Listers) -> None:
    listing = listers.page.list_page("de", ALL, 5)
    assert (listing.announced, listing.quotes) == (120, ())


def test_a_page_is_read_afresh_when_it_is_asked_for_again(listers: Listers) -> None:
    listers.page.list_page("ca", ALL, 0)
    listers.market.reset_stats()
    listers.page.list_page("ca", ALL, 0)
    assert listers.market.stats()["vendors"]["yahoo"]["kinds"]["page"]["requests"] >= 1


def test_more_regions_than_tabs_are_walked(listers: Listers) -> None:
    codes = ["at", "be", "br", "ch", "dk", "es", "fi"]
    assert set(codes) <= REGIONS.keys()
    for page, size in ((0, 100), (1, 20)):
        for code in codes:
            assert len(listers.page.list_page(code, ALL, page).quotes) == size


def test_a_changed_layout_is_permanent_and_keeps_page_and_picture(listers: Listers) -> None:
    listers.market.strike("page", "changed-layout", "changed-layout")
    with pytest.raises(Permanent, match="screener page of Poland cannot be read") as caught:
        listers.page.list_page("pl", ALL, 0)
    assert caught.value.evidence is not None
    assert caught.value.evidence in str(caught.value)
    folder = listers.evidence / caught.value.evidence
    assert "data-qa" in (folder / "page.html").read_text(encoding="utf-8")
    assert (folder / "screenshot.png").read_bytes().startswith(b"\x89PNG")


def test_a_page_that_looks_changed_once_is_loaded_once_more(listers: Listers) -> None:
    listers.market.strike("page", "changed-layout")
    assert len(listers.page.list_page("pt", ALL, 0).quotes) == 100


def test_a_row_that_comes_twice_leaves_a_gap_that_the_total_shows(listers: Listers) -> None:
    first = listers.page.list_page("se", ALL, 0)
    listers.market.strike("page-rows", "duplicate-rows")
    second = listers.page.list_page("se", ALL, 1)
    symbols = {quote.symbol for page in (first, second) for quote in page.quotes}
    assert len(symbols) == 119
    assert second.announced == 120


@pytest.mark.parametrize("kind", ["page", "page-rows"])
@pytest.mark.parametrize("fault", ["503", "reset", "truncated"])
def test_what_fails_once_is_read_at_the_next_attempt(listers: Listers, kind: str, fault: str) -> None:
    listers.market.strike(kind, fault)
    deadline = time.monotonic() + 120
    while True:
        try:
            listing = listers.page.list_page("no", MIDDLE, 0)  # the filter's rows come by a request of their own
            break
        except Transient:
            assert time.monotonic() < deadline
    exact = _stocks([listers.query.list_page("no", MIDDLE, 0)], MIDDLE)
    assert _stocks([listing], MIDDLE).keys() == exact.keys()


def test_rows_that_come_late_are_waited_for(listers: Listers) -> None:
    exact = _stocks([listers.query.list_page("nl", MIDDLE, 0)], MIDDLE)
    listers.market.strike("page-rows", "late")
    assert _stocks([listers.page.list_page("nl", MIDDLE, 0)], MIDDLE).keys() == exact.keys()


def test_a_rate_limit_pauses_the_source(listers: Listers) -> None:
    listers.market.strike("page", "429")
    with pytest.raises(Transient, match="limits our rate") as caught:
        listers.page.list_page("nz", ALL, 0)
    assert caught.value.source == "yahoo"


def test_a_killed_browser_is_transient_and_the_next_attempt_has_a_new_one(listers: Listers) -> None:
    listers.page.list_page("us", ALL, 0)
    generation = listers.browser.generation
    profile = _profile(listers)
    aside = (profile / "aside").readlink()
    assert list(aside.glob("org.chromium.*")), "what a killed browser cannot remove is in its own folder"
    for pid in _processes(profile):
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(Transient, match="browser"):
        listers.page.list_page("us", ALL, 1)
    assert len(listers.page.list_page("us", ALL, 1).quotes) == 20
    assert listers.browser.generation == generation + 1
    assert not profile.exists()
    assert not aside.exists()


def test_a_closed_browser_leaves_nothing_behind(listers: Listers) -> None:
    listers.page.list_page("us", ALL, 0)
    profile = _profile(listers)
    assert _processes(profile)
    listers.page.close()
    deadline = time.monotonic() + 60
    while _processes(profile):
        assert time.monotonic() < deadline, "the browser still runs"
        time.sleep(0.05)
    assert not profile.exists()


def _profile(listers: Listers) -> Path:
    (profile,) = (listers.evidence.parent / "browser").glob("profile-*")
    return profile


def _processes(profile: Path) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(profile).encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]
