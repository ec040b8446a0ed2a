"""The screener page: HTML to rows. Pure; how a browser gets there is `screener`'s.

Cells are found by ``data-testid-cell``, the table by its rows' ``data-testid``. Class suffixes
(``yf-xxxxxx``) and column positions change with every release and are never used.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec
from lxml import html
from lxml.etree import XPath
from lxml.html import HtmlElement

from include.errors import Permanent, Transient
from include.scrapers.numbers import Rounded, shown


class LayoutChanged(Permanent):
    """The page is not built as this parser knows it."""


class Row(msgspec.Struct, frozen=True):
    """One stock as the page shows it; None is a dash, a column that the page does not have, or what is no number."""

    symbol: str
    name: str | None
    price: float | None
    market_cap: Rounded | None
    sector: str | None
    industry: str | None


class Page(msgspec.Struct, frozen=True):
    """Rows ``first`` to ``last`` (counted from 1) of ``total``; without rows ``first`` and ``last`` are 0."""

    total: int
    first: int
    last: int
    rows: tuple[Row, ...]
    has_next: bool


_ROWS = XPath("//tr[@data-testid='data-table-v2-row']")
_CELLS = XPath("./td[@data-testid-cell]")
_SYMBOL = XPath(".//*[contains(concat(' ', normalize-space(@class), ' '), ' symbol ')]")
_QUOTE_LINK = XPath(".//a[starts-with(@href, '/quote/')]/@href")
_TITLE = XPath(".//@title")
_TOTAL = XPath("//*[contains(concat(' ', normalize-space(@class), ' '), ' total ')]")
_NEXT = XPath("//button[@data-testid='next-page-button'][not(@disabled)]")
_SCRIPTS = XPath("//script | //style")

_RANGE = re.compile(r"([\d,]+)\s*[-\u2013]\s*([\d,]+)\s+of\s+([\d,]+)")
_EMPTY = re.compile(r"\bno (?:matching )?(?:results|stocks|equities)\b|\bnothing (?:was )?found\b", re.IGNORECASE)
_NEEDED = ("ticker", "companyshortname.raw", "intradayprice", "intradaymarketcap")


def read(document: str) -> Page:
    """The rows that the page shows and where in the whole list they stand.

    Raises LayoutChanged for what this parser does not know, Transient where rows and their count disagree.
    """
    tree = html.document_fromstring(document)
    unreadable: list[str] = []
    rows = tuple(_row(row, unreadable) for row in _ROWS(tree))
    if len(unreadable) > len(rows) / 2:  # an odd one costs itself alone
        raise LayoutChanged(f"{len(unreadable)} cells of {len(rows)} rows hold no number: {unreadable[0]}")
    first, last, total = _range(tree, rows)
    expected = last - first + 1 if first else 0  # "0-0 of 120" is a page beyond the end
    if expected and not rows:
        raise LayoutChanged(f"the screener announces {total} stocks and shows no row")
    if len(rows) != expected:
        raise Transient(f"the page says {first}-{last} of {total} but shows {len(rows)} rows; it is loaded again")
    return Page(total, first, last, rows, bool(_NEXT(tree)))


def _row(row: HtmlElement, unreadable: list[str]) -> Row:
    """One row; what is no number where one should be is added to ``unreadable``."""
    cells = {cell.get("data-testid-cell"): cell for cell in _CELLS(row)}
    missing = [key for key in _NEEDED if key not in cells]
    if missing:
        raise LayoutChanged(f"the screener's rows have no cell {', '.join(missing)}; they have {', '.join(cells)}")
    name = cells["companyshortname.raw"]
    price = _number(cells["intradayprice"], unreadable)
    return Row(
        symbol=_symbol(cells["ticker"]),
        name=next((title.strip() for title in _TITLE(name) if title.strip()), _text(name)),
        price=None if price is None else price.value,
        market_cap=_number(cells["intradaymarketcap"], unreadable),
        sector=_text(cells.get("sector")),
        industry=_text(cells.get("industry")),
    )


def _symbol(cell: HtmlElement) -> str:
    for href in _QUOTE_LINK(cell):
        return unquote(href.removeprefix("/quote/").partition("/")[0].partition("?")[0])
    for element in _SYMBOL(cell):
        return str(element.text_content()).strip()
    raise LayoutChanged(f"the screener's cell 'ticker' holds no symbol but {_text(cell)!r}")


def _number(cell: HtmlElement, unreadable: list[str]) -> Rounded | None:
    try:
        return shown(cell.text_content())
    except ValueError as error:
        unreadable.append(f"cell {cell.get('data-testid-cell')!r}: {error}")
        return None


def _text(cell: HtmlElement | None) -> str | None:
    if cell is None:
        return None
    text = " ".join(cell.text_content().split())
    return None if text in ("", "-", "--") else text


def _range(tree: HtmlElement, rows: tuple[Row, ...]) -> tuple[int, int, int]:
    for element in _TOTAL(tree):
        match = _RANGE.search(element.text_content())
        if match is not None:
            first, last, total = (int(number.replace(",", "")) for number in match.groups())
            return (first, last, total) if total else (0, 0, 0)
    if not rows and _says_empty(tree):
        return 0, 0, 0
    raise LayoutChanged("the screener shows no total such as '1-25 of 1067'")


def _says_empty(tree: HtmlElement) -> bool:
    for script in _SCRIPTS(tree):
        script.drop_tree()
    return _EMPTY.search(tree.text_content()) is not None
