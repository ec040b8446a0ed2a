"""From what a page lists to the tasks that it causes."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from include.contracts.identity import processing_task_id
from include.contracts.market_cap import Band, band
from include.contracts.quotes import Quote
from include.contracts.tasks import ProcessingTask, ScrapingTask, scraping_task
from include.scrapers.listing import Listing
from include.workers.selection import children_of, further_pages, select, sends_of

NOW = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
SMALL = band("100M", "1B")
PAGE = scraping_task("r1", "gb", SMALL, 0, "browser", NOW)


def stock(symbol: str, market_cap: float | None = 5e8, quote_type: str | None = "EQUITY") -> Quote:
    return Quote(symbol, "gb", NOW, market_cap=market_cap, quote_type=quote_type, currency="GBp")


def listed(*quotes: Quote, unquoted: tuple[str, ...] = ()) -> Listing:
    return Listing(announced=len(quotes), page_size=100, quotes=quotes, unquoted=unquoted)


def test_a_band_has_its_minimum_and_not_its_maximum() -> None:
    selection = select(listed(stock("AT-MIN", 1e8), stock("BELOW", 99_999_999), stock("AT-MAX", 1e9)), SMALL)
    assert [quote.symbol for quote in selection.stocks] == ["AT-MIN"]
    assert selection.listed == 3
    assert selection.warnings == ("2 left out: market cap outside of 100M..1B (BELOW, AT-MAX)",)


def test_what_is_no_stock_is_left_out_and_said() -> None:
    selection = select(listed(stock("VOD.L"), stock("ISF.L", quote_type="ETF")), Band())
    assert [quote.symbol for quote in selection.stocks] == ["VOD.L"]
    assert (selection.listed, selection.warnings) == (2, ("1 left out: no stock (ISF.L)",))


def test_a_stock_without_a_market_cap_or_a_quote_is_kept() -> None:
    selection = select(listed(stock("NEW.L", None, None), unquoted=("NEW.L",)), SMALL)
    assert [quote.symbol for quote in selection.stocks] == ["NEW.L"]
    assert selection.warnings == ("1 without a quote, so without a currency (NEW.L)",)


def test_an_empty_band_causes_nothing_and_warns_of_nothing() -> None:
    selection = select(listed(), SMALL)
    assert (selection.stocks, selection.listed, selection.warnings) == ((), 0, ())
    assert further_pages(PAGE, listed().pages) == []


def test_further_pages_cover_the_announced_total_exactly() -> None:
    for total, pages in ((1, 1), (100, 1), (101, 2), (250, 3)):
        listing = Listing(announced=total, page_size=100, quotes=())
        assert [task.page for task in further_pages(PAGE, listing.pages)] == list(range(1, pages))


def test_further_pages_are_of_the_same_listing() -> None:
    again = scraping_task("r1", "gb", SMALL, 0, "browser", NOW, listing=2)
    assert {page.listing for page in further_pages(again, 3)} == {2}
    assert not {p.task_id for p in further_pages(again, 3)} & {p.task_id for p in further_pages(PAGE, 3)}


def test_every_message_is_a_child_and_its_bytes_are_the_task() -> None:
    pages, stocks = further_pages(PAGE, 3), (stock("VOD.L"), stock("BARC.L"))
    sends, children = sends_of(PAGE, stocks, pages, sent_before=()), children_of("r1", stocks, pages)
    assert [(s.topic, s.key) for s in sends] == [
        ("stock-scraping-tasks", "gb:100M..1B:1"),
        ("stock-scraping-tasks", "gb:100M..1B:2"),
        ("stock-processing-tasks", "VOD.L"),
        ("stock-processing-tasks", "BARC.L"),
    ]
    decoded = [msgspec.json.decode(s.value, type=ScrapingTask) for s in sends[:2]]
    found = [msgspec.json.decode(s.value, type=ProcessingTask) for s in sends[2:]]
    assert [child.task_id for child in children] == [task.task_id for task in [*decoded, *found]]
    assert found[0].quote == stocks[0]


def test_what_an_earlier_listing_sent_is_named_and_not_sent_again() -> None:
    stocks = (stock("VOD.L"), stock("BARC.L"))
    sends = sends_of(PAGE, stocks, [], sent_before={processing_task_id("r1", "VOD.L")})
    assert [send.key for send in sends] == ["BARC.L"]
    assert len(children_of("r1", stocks, [])) == 2


def test_the_same_listing_makes_the_same_bytes() -> None:
    stocks = (stock("VOD.L"),)
    assert sends_of(PAGE, stocks, [], sent_before=()) == sends_of(PAGE, stocks, [], sent_before=())
