"""Bands that do not add up are listed once again, then said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from made_runs import START, at, listed, processed, request

from include.contracts.identity import scraping_task_id
from include.contracts.market_cap import Band
from include.contracts.outcomes import ScrapingCompleted
from include.ledger.fold import fold
from include.ledger.gaps import gaps, list_again
from include.ledger.opening import open_run
from include.ledger.outcome import from_completion
from include.ledger.progress import progress
from include.ledger.verdict import missing_stocks
from include.stores.postgres import Database

pytestmark = pytest.mark.stack


def _fold(database: Database, *completed: Any) -> None:
    with database.transaction() as connection:
        open_run(connection, "r", request("us"), START)
        fold(connection, [from_completion(c) for c in completed])


def _second(page: ScrapingCompleted, **changes: Any) -> ScrapingCompleted:
    task_id = scraping_task_id("r", page.region, page.band, page.page, 2)
    return msgspec.structs.replace(page, listing=2, task_id=task_id, finished_at=at(60), **changes)


def test_a_band_whose_pages_show_what_was_announced_has_no_gap(database: Database) -> None:
    _fold(database, listed("r", "us", 0, ["A", "B"], announced=3), listed("r", "us", 1, ["C"], announced=3))
    with database.transaction() as connection:
        assert gaps(connection, "r") == []
        assert list_again(connection, "r") == []


def test_a_stock_on_two_pages_hides_another_and_the_band_is_listed_again_once(database: Database) -> None:
    first = listed("r", "us", 0, ["A", "B"], announced=3)
    _fold(database, first, listed("r", "us", 1, ["B"], announced=3))
    with database.transaction() as connection:
        assert [gap.missing for gap in gaps(connection, "r")] == [1]
        (again,) = list_again(connection, "r")
        assert (again.region, again.page, again.listing) == ("us", 0, 2)
        assert again.task_id == scraping_task_id("r", "us", "..", 0, 2)
        assert progress(connection, "r").counts.pending == 3  # A, B and the second listing
    with database.transaction() as connection:
        assert list_again(connection, "r") == []


def test_a_second_listing_that_finds_the_rest_closes_the_gap(database: Database) -> None:
    first = listed("r", "us", 0, ["A", "B"], announced=3)
    _fold(database, first, listed("r", "us", 1, ["B"], announced=3))
    _fold(database, _second(listed("r", "us", 0, ["A", "B"], announced=3)))
    _fold(database, _second(listed("r", "us", 1, ["C"], announced=3)))
    with database.transaction() as connection:
        assert missing_stocks(connection, "r") == ()
        assert progress(connection, "r").stocks.sent == 3


def test_what_two_listings_do_not_find_is_said(database: Database) -> None:
    _fold(database, listed("r", "us", 0, ["A"], announced=3))
    _fold(database, _second(listed("r", "us", 0, ["A"], announced=3)))
    with database.transaction() as connection:
        assert missing_stocks(connection, "r") == ("us: 1 of 3 announced stocks were seen after 2 listings",)
        assert list_again(connection, "r") == []


def test_what_a_page_left_out_is_not_missing(database: Database) -> None:
    page = msgspec.structs.replace(listed("r", "us", 0, ["A"], announced=3), listed=3)
    _fold(database, page)
    with database.transaction() as connection:
        assert gaps(connection, "r") == []


def test_pages_that_announce_different_totals_are_listed_again(database: Database) -> None:
    _fold(database, listed("r", "us", 0, ["A", "B"], announced=4), listed("r", "us", 1, ["C"], announced=3))
    with database.transaction() as connection:
        (gap,) = gaps(connection, "r")
        assert (gap.missing, gap.drifted) == (0, True)
        assert len(list_again(connection, "r")) == 1


def test_an_empty_band_has_no_gap(database: Database) -> None:
    _fold(database, listed("r", "us", 0, []))
    with database.transaction() as connection:
        assert gaps(connection, "r") == []


def test_bands_of_one_region_are_judged_each_for_itself(database: Database) -> None:
    low, high = Band(None, 10), Band(10, None)
    with database.transaction() as connection:
        open_run(connection, "r", request("us", bands=[low, high]), START)
        pages = [
            msgspec.structs.replace(
                listed("r", "us", 0, symbols, announced=2),
                band=str(band),
                task_id=scraping_task_id("r", "us", str(band), 0),
            )
            for band, symbols in ((low, ["A", "B"]), (high, ["C"]))
        ]
        fold(connection, [from_completion(page) for page in (*pages, processed("r", "us", "A"))])
        assert [(gap.band, gap.missing) for gap in gaps(connection, "r")] == [("10..", 1)]
        assert [str(task.band) for task in list_again(connection, "r")] == ["10.."]
