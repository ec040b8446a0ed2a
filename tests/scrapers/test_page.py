"""The page's parser on pages written after the real one's structure."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import Permanent, Transient
from include.scrapers.numbers import Rounded, shown
from include.scrapers.page import LayoutChanged, Page, Row, read

SAVED = (Path(__file__).parent / "pages" / "united-states.html").read_text(encoding="utf-8")
EMPTY = """<div data-testid="screener-table"><p>No results found for the filters chosen</p></div>"""


def test_rows_are_read_by_their_cells_names_wherever_they_stand() -> None:
    nvidia, berkshire, mahindra = read(SAVED).rows
    assert nvidia == Row(
        "NVDA", "NVIDIA Corporation", 1182.01, Rounded(4.422e12, 0.5e9), "Technology", "Semiconductors"
    )
    assert berkshire == Row(
        "BRK-B",
        "Berkshire Hathaway Inc. New",
        498.20,
        Rounded(1.075e12, 0.5e9),
        "Financial Services",
        "Insurance - Diversified",
    )
    assert mahindra == Row("M&M.NS", "Mahindra & Mahindra", None, None, None, None)


def test_the_announced_total_and_the_place_in_the_list_are_read() -> None:
    page = read(SAVED)
    assert (page.first, page.last, page.total, page.has_next) == (1, 3, 4067, True)
    assert not read(SAVED.replace('aria-label="Goto next page"', "disabled")).has_next


@pytest.mark.parametrize("empty", [EMPTY, '<div class="total yf-1">0-0 of 0</div>', '<i class="total">1-0 of 0</i>'])
def test_an_empty_list_is_an_answer(empty: str) -> None:
    assert read(empty) == Page(0, 0, 0, (), has_next=False)


def test_a_page_beyond_the_end_has_no_rows_and_says_the_total() -> None:
    assert read('<div class="total">0-0 of 120</div>') == Page(120, 0, 0, (), has_next=False)


@pytest.mark.parametrize(
    ("what", "changed", "says"),
    [
        ("a cell was renamed", SAVED.replace('"intradaymarketcap"', '"marketcap"'), "no cell intradaymarketcap"),
        ("the total is gone", SAVED.replace(" of ", " / "), "no total"),
        ("caps are no numbers", SAVED.replace("4.422T", "large").replace("1.075T", "mid"), "'large' is not a number"),
        (
            "rows and total have no names left",
            SAVED.replace("data-testid", "data-id").replace("total", "t"),
            "no total",
        ),
        ("a row names no stock", SAVED.replace("/quote/", "/q/").replace('class="symbol', 'class="s'), "no symbol"),
        ("the rows are gone", SAVED.replace("data-table-v2-row", "row"), "announces 4067 stocks and shows no row"),
        ("words in a script are no answer", "<script>no results</script><p>Hello</p>", "no total"),
    ],
)
def test_a_changed_layout_is_permanent_and_says_what_is_missing(what: str, changed: str, says: str) -> None:
    with pytest.raises(LayoutChanged, match=says) as caught:
        read(changed)
    assert isinstance(caught.value, Permanent), what


def test_one_cell_that_is_no_number_costs_itself_alone() -> None:
    nvidia, *others = read(SAVED.replace("4.422T", "4.4e12")).rows
    assert (nvidia.symbol, nvidia.price, nvidia.market_cap) == ("NVDA", 1182.01, None)
    assert others == list(read(SAVED).rows[1:])


def test_rows_that_disagree_with_their_count_are_loaded_again() -> None:
    with pytest.raises(Transient, match="says 1-100 of 4067 but shows 3 rows"):
        read(SAVED.replace("1-3 of", "1-100 of"))


@pytest.mark.parametrize(
    ("text", "value", "give_or_take"),
    [
        ("1.206B", 1.206e9, 0.5e6),
        ("55.692M", 55.692e6, 500),
        ("3.4t", 3.4e12, 0.05e12),
        ("12,345", 12345, 0.5),
        ("-0.25", -0.25, 0.005),
        ("\u22121.5", -1.5, 0.05),
    ],
)
def test_a_shown_number_is_known_to_half_its_last_digit(text: str, value: float, give_or_take: float) -> None:
    number = shown(text)
    assert number is not None
    assert (number.value, number.give_or_take) == pytest.approx((value, give_or_take))


def test_a_rounded_number_is_about_the_exact_one_and_no_other() -> None:
    number = Rounded(1.206e9, 0.5e6)
    assert number.is_about(1_206_499_999)
    assert number.is_about(1_206_999_999)  # cut off instead of rounded
    assert not number.is_about(1_207_100_000)
