"""The screener web page: finance.yahoo.com/research-hub/screener/equity/?start=0&count=100

What is known of the real page (2025-26, public scrapers and pasted markup), by the names that scrapers
may rely on:

    div[data-testid=filter-selector] > div.menuContainer          one per filter, one dialog open at a time
      button.menuBtn[data-ylk*="slk:Region"]                      text "Region" and the chosen value
      div.dialog-container.menu-surface-dialog.modal[aria-hidden]
        input[placeholder="Search..."]
        div.options > label[title="United States"]
          input[type=checkbox]#us[data-testid=filter-option-us][checked]   span "United States"
        button[aria-label=Apply][data-testid=filter-apply]        and button[aria-label=Reset]
      button.menuBtn[data-ylk*="slk:Market%20Cap%20(Intraday)"]
        label > input#custom[type=checkbox]                       beside presets such as Large Cap
        button[data-ylk*="slk:Between"][data-ylk*="elm:operator"] after Custom; Greater than, Less than, Equals too
        div.left-content > input                                  one bound, two after Between, as "300M" or "2B"
    div.screener-table[data-testid=screener-table] > div.table-container[data-testid=data-table-v2] > table.bd
      th[data-testid-header=KEY]; tr.row[data-testid=data-table-v2-row][data-testid-row=N] > td[data-testid-cell=KEY]
    div.paginationContainer: div.total "1-25 of 1067"; "Rows per page" button.menuBtn with
      div[role=option][data-value=25|50|100]; button[data-testid=next-page-button], disabled on the last page

Class suffixes (``yf-xxxxxx``) differ from seed to seed, the price is in a span in one row and in a
fin-streamer in the next, and with odd seeds a checkbox column comes first: columns are known by KEY,
never by position. How the real page counts bounds is not known: here every operator includes its own,
as the screener query's GTE, LTE and BTWN do.

State: the filters live in the page (``?region=xx`` in the address sets the first one, as some report),
``?start=&count=`` in the address. Apply goes back to start 0 and keeps count. Next, rows per page and
the browser's own back and forward change start and count and keep the filters; so does a ``popstate``
event after ``history.pushState``. A full load begins without bounds of market cap. While rows are
fetched, ``[data-testid=screener-table]`` carries ``aria-busy=true``, the old rows still shown; if they
cannot be had the table is empty, and so is ``div.total``.
"""

from __future__ import annotations

import html

import msgspec

from include.market.yahoo.page_filters import Filters
from include.market.yahoo.page_rows import Listing, Rows, total_text
from include.market.yahoo.page_script import SCRIPT, STYLE
from include.market.yahoo.quotes import Quotes

PATH = "/research-hub/screener/equity/"
ROWS_PATH = "/v1/finance/screener/rows"  # ours: the real page asks another host, and renders by itself
PAGE_SIZES = (25, 50, 100)
_SUFFIXES = 36**6


class Page:
    """Renders the page, and the rows that its script asks for."""

    def __init__(self, quotes: Quotes, seed: int) -> None:
        self._suffix = f"yf-{seed * 2654435761 % _SUFFIXES:07x}"[:9]
        self._filters = Filters(self._suffix)
        self._rows = Rows(quotes, self._suffix, with_checkbox=seed % 2 == 1)

    def html(self, listing: Listing) -> bytes:
        """The whole page."""
        suffix = self._suffix
        table = (
            f'<div class="screener-table {suffix}" data-testid="screener-table" aria-busy="false">'
            f'<div class="table-container {suffix}" data-testid="data-table-v2"><table class="bd {suffix}"><thead>'
            f"<tr>{self._rows.headers()}</tr></thead><tbody>{self._rows.html(listing)}</tbody></table></div></div>"
        )
        filters = self._filters.region(listing.region) + self._filters.market_cap()
        state = msgspec.json.encode({"region": listing.region, "start": listing.start, "count": listing.count})
        return (
            '<!DOCTYPE html><html lang="en-US" theme="light"><head><meta charset="utf-8">'
            f"<title>Stock Screener - Yahoo Finance</title><style>{STYLE}</style></head>"
            f'<body data-state="{html.escape(state.decode())}"><section class="container {suffix}">'
            f'<h1>Equity Screener</h1><div class="filters {suffix}">{filters}</div>{table}'
            f"{self._pagination(listing)}</section><script>{SCRIPT}</script></body></html>"
        ).encode()

    def data(self, listing: Listing) -> bytes:
        """The rows and the pagination, as the page's script wants them."""
        return msgspec.json.encode(
            {"rows": self._rows.html(listing), "total": total_text(listing), "last": listing.is_last}
        )

    def _pagination(self, listing: Listing) -> str:
        sizes = "".join(f'<div role="option" data-value="{n}"><span>{n}</span></div>' for n in PAGE_SIZES)
        arrows = (
            ("prev-page-button", "Goto previous page", listing.start == 0),
            ("next-page-button", "Goto next page", listing.is_last),
        )
        buttons = "".join(
            f'<button class="icon-btn {self._suffix}" data-testid="{name}" aria-label="{label}"'
            f"{' disabled' if disabled else ''}></button>"
            for name, label, disabled in arrows
        )
        return (
            f'<div class="paginationContainer {self._suffix}"><div class="total {self._suffix}">{total_text(listing)}'
            f'</div><span>Rows per page</span><div class="menuContainer {self._suffix}">'
            f'<button class="menuBtn {self._suffix}" aria-label="Rows per page" aria-haspopup="listbox">'
            f'<span class="value">{listing.count}</span></button><div class="dialog-container menu-surface-dialog" '
            f'role="listbox" aria-hidden="true">{sizes}</div></div>{buttons}</div>'
        )
