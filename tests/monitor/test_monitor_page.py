"""The page about the feeds, without a browser: what it says, and that nothing breaks out of it."""

from __future__ import annotations

import base64
import hashlib
import re

import msgspec
import pytest
from lxml import html as parser
from monitor.readings import EMPTY, GAPS, HOSTILE, MORNING, MOVEMENTS, NOW, POLYGON, STREAM

from include.monitor.markup import element
from include.monitor.page import failure_page, feeds_page
from include.monitor.reading import Reading, SymbolReading
from include.monitor.stylesheet import POLICY
from include.transport.lag import Lag

replace = msgspec.structs.replace


def _said(page: str) -> str:
    main = parser.document_fromstring(page).find(".//main")
    assert main is not None
    return " ".join(main.text_content().split())


def _rows(page: str, caption: str) -> list[list[str]]:
    table = next(t for t in parser.document_fromstring(page).iter("table") if t.findtext("caption") == caption)
    return [[" ".join(cell.text_content().split()) for cell in row] for row in table.iter("tr")]


def test_every_fact_of_the_reading_is_on_the_page() -> None:
    said = _said(feeds_page(MORNING))
    for fact in (
        "as of 04 Mar 2026 15:30:00 UTC",
        "To be looked at: Alpaca stocks (lost)",
        "03 Mar 15:30 24 h ago",
        "cache hit rate90 % of 10",
        "1 (80 % succeeded)",
        "2 of 4 symbols answered, 1 failing, 1 not asked for yet",
        "✖ lost",
        "the connection was reset",
        "XNYS open, closes 21:00:00",
        "1 234 567 since 03 Mar 19:30",
        "gaps: 3 filled, 1 open",
        "trades per minute in the last hour, at most 20",
    ):
        assert fact in said, fact


def test_quotas_say_what_is_left_and_when_it_renews() -> None:
    assert _rows(feeds_page(MORNING), "What may still be asked") == [
        ["source", "per", "left", "renews"],
        ["polygon", "minute", "2 of 5 2 of 5 left", "all in 43 s"],  # the second is the bar's, for who cannot see it
        ["alpha-vantage", "-", "✖ paused", "it refuses everybody; asked again in 1 min 30 s"],
        ["alpha-vantage", "day", "0 of 25 0 of 25 left", "next in 3 h 12 min, all in 20 h"],
    ]


def test_failing_symbols_gaps_and_movements_are_named() -> None:
    page = feeds_page(MORNING)
    assert _rows(page, "Symbols that fail")[1:] == [
        ["Polygon", "NOZZZ", "15:29:00 1 min ago", "polygon has no bar of NOZZZ"]
    ]
    assert _rows(page, "Latest gaps")[1:] == [
        ["Alpaca stocks", "15:28:00 2 min ago", "2 min so far", "open", "the connection was reset"],
        ["Alpaca stocks", "10:30:00 5 h ago", "10 min", "filled with 1 405 ticks", "mute for 90 s"],
    ]
    assert _rows(page, "Price movements")[1:] == [
        ["15:25:00 5 min ago", "TSLA", "▼ -3.25 %", "200 → 193.5", "4 min", "alpaca"]
    ]


def test_stores_say_how_far_they_are_behind_or_why_nobody_knows() -> None:
    lags = (
        Lag("stocks-sink-mongo-stock-prices", "stock-prices", 0),
        Lag("stocks-sink-csv-market_ticks", "market_ticks", 9),
    )
    assert _rows(feeds_page(replace(MORNING, routes=lags)), "What each store has yet to take")[1:] == [
        ["mongo", "stock-prices", "● nothing"],
        ["csv", "market_ticks", "9"],
    ]
    away = feeds_page(replace(MORNING, routes_unknown="Kafka does not name its groups"))
    assert "Kafka does not name its groups" in _said(away)


def test_where_nothing_is_there_is_a_sentence_instead_of_an_empty_table() -> None:
    page = feeds_page(EMPTY)
    said = _said(page)
    assert "No feed is configured" in said
    assert "POLYGON_API_KEY is not set. It expects: a key of polygon.io" in said
    for sentence in ("No source has a quota here", "No price moved", "No symbol fails", "No stream was ever away"):
        assert sentence in said
    assert "<table" not in page


def test_all_is_well_only_when_every_configured_feed_is_fine_or_its_market_closed() -> None:
    well = replace(MORNING, feeds=(POLYGON, replace(STREAM, standing="closed"), *EMPTY.feeds))
    assert "● Every configured feed does as it should" in _said(feeds_page(well))


def _hostile() -> Reading:
    symbol = SymbolReading(HOSTILE, None, NOW, HOSTILE)
    feeds = (
        replace(POLYGON, symbols=(symbol,), detail=HOSTILE, why=HOSTILE),
        replace(STREAM, why=HOSTILE, detail=HOSTILE),
    )
    return replace(
        MORNING,
        feeds=feeds,
        gaps=(replace(GAPS[0], reason=HOSTILE, detail=HOSTILE, feed=HOSTILE), replace(GAPS[1], reason=HOSTILE)),
        movements=(replace(MOVEMENTS[0], symbol=HOSTILE, source=HOSTILE),),
    )


@pytest.mark.parametrize("page", [feeds_page(_hostile()), failure_page(HOSTILE)], ids=["feeds", "failure"])
def test_nothing_that_a_vendor_says_becomes_markup(page: str) -> None:
    document = parser.document_fromstring(page)
    assert len(list(document.iter("script"))) == 1
    assert "<script>alert" not in page
    assert "alert('x')" not in page  # not inside an attribute either: its quotes are escaped
    assert "<script>alert('x')</script>" in document.find(".//main").text_content()
    assert not [name for tag in document.iter() for name in tag.attrib if name.startswith("on")]
    # What turns the direction of a text, or rings a terminal's bell, is shown as lost.
    assert not {"\u202e", "\x07"} & set(page)


@pytest.mark.parametrize("page", [feeds_page(MORNING), failure_page("no database")], ids=["feeds", "failure"])
def test_the_policy_allows_exactly_what_the_page_brings(page: str) -> None:
    document = parser.document_fromstring(page)
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (text,) = [found.text for found in document.iter(tag)]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in POLICY
    assert not [e for e in document.iter() if "style" in e.attrib]  # the policy would not apply them
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY


def test_the_page_needs_nothing_from_elsewhere() -> None:
    document = parser.document_fromstring(feeds_page(MORNING))
    assert not [e for e in document.iter() if {"src", "href", "action"} & set(e.attrib)]
    assert not re.search(r"https?://|@import", feeds_page(MORNING))


def test_every_drawing_says_what_it_shows_and_every_table_has_heads() -> None:
    document = parser.document_fromstring(feeds_page(MORNING))
    for drawing in document.iter("svg"):
        assert drawing.get("aria-hidden") == "true" or (drawing.get("role") == "img" and drawing.findtext("title"))
    for table in document.iter("table"):
        assert {head.get("scope") for head in table.iter("th")} == {"col", "row"}
        assert table.findtext("caption")


def test_a_reading_travels_as_json_without_loss() -> None:
    assert msgspec.json.decode(msgspec.json.encode(MORNING), type=Reading) == MORNING


def test_an_attribute_cannot_be_left() -> None:
    assert element("td", "a<b", data_head='"><x') == '<td data-head="&quot;&gt;&lt;x">a&lt;b</td>'
