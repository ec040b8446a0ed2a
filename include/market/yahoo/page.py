"""The screener web page: finance.yahoo.com/research-hub/screener/equity/?start=0&count=100

What is known of the real page (2025-26), with the names that scrapers may rely on:

    div[data-testid=filter-selector] > div.menuContainer          one per filter
      button.menuBtn[data-ylk*="slk:Region"]                      text "Region" and the chosen value
      div.dialog-container.menu-surface-dialog.modal[aria-hidden]
        input[placeholder="Search..."]
        div.options > label[title="United States"]
          input[type=checkbox]#us[data-testid=filter-option-us][checked]   span "United States"
        button[aria-label=Apply][data-testid=filter-apply]        and button[aria-label=Reset]
    div.screener-table[data-testid=screener-table] > div.table-container[data-testid=data-table-v2] > table.bd
      th[data-testid-header=KEY]; tr.row[data-testid=data-table-v2-row][data-testid-row=N] > td[data-testid-cell=KEY]
    div.paginationContainer: div.total "1-25 of 1067"; "Rows per page" button.menuBtn with
      div[role=option][data-value=25|50|100]; button[data-testid=next-page-button], disabled on the last page

Class suffixes (``yf-xxxxxx``) change with every start of the market, the price's cell between a span
and a fin-streamer with every row, and a checkbox column comes first now and then: columns are known by
KEY, never by position.

The filter of market caps is not documented anywhere: it is built like the Region filter, so far as
that goes, and UNVERIFIED against the live page:

    button.menuBtn[data-ylk*="slk:Market Cap"]                    text "Market Cap" and the chosen range
      div.dialog-container ...
        label > input[type=radio][name=operator-intradaymarketcap][data-testid=filter-operator-gt|lt|btwn]
        input[type=number][data-testid=filter-min], input[type=number][data-testid=filter-max]
        button[aria-label=Apply][data-testid=filter-apply], button[aria-label=Reset]

Bounds are whole amounts in the listing's own currency (its major unit) and are INCLUDED, as in the
screener query's GTE, LTE and BTWN: whoever wants half-open bands drops the upper bound's own.

State: the filters live in the page (``?region=xx`` in the address sets the first one, as some report),
``?start=&count=`` in the address. Apply goes back to start 0 and keeps count. Next, rows per page and
the browser's own back and forward change start and count and keep the filters; so does a ``popstate``
event after ``history.pushState``. A full load begins with region us and no bounds. While rows are
fetched, ``[data-testid=screener-table]`` carries ``aria-busy=true``, the old rows still shown.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import msgspec

from include.market.world.company import Company
from include.market.world.regions import REGIONS
from include.market.yahoo.numbers import cell, money
from include.market.yahoo.page_script import SCRIPT, STYLE
from include.market.yahoo.quotes import Quotes

PATH = "/research-hub/screener/equity/"
ROWS_PATH = "/research-hub/screener/equity/__data.json"
PAGE_SIZES = (25, 50, 100)

_HEADERS = {
    "ticker": "Symbol", "companyshortname.raw": "Name", "sparkline": "", "intradayprice": "Price (Intraday)",
    "intradaypricechange": "Change", "percentchange": "Change %", "dayvolume": "Volume",
    "avgdailyvol3m": "Avg Vol (3M)", "intradaymarketcap": "Market Cap", "peratio.lasttwelvemonths": "P/E Ratio (TTM)",
    "fiftytwowkpercentchange": "52 Wk Change %", "fiftyTwoWeekRange": "52 Wk Range", "region": "Region",
    "sector": "Sector", "industry": "Industry",
}  # fmt: skip
_SPARKLINE = '<svg width="60" height="20"><polyline points="0,{0} 20,{1} 40,{2} 60,{3}" fill="none"/></svg>'


class Listing(msgspec.Struct, frozen=True):
    """What a page shows: ``companies`` are those of this page alone, ``start`` the first one's place."""

    companies: Sequence[Company]
    start: int
    count: int
    total: int
    region: str


class Page:
    """Renders the page, and the rows that its script asks for."""

    def __init__(self, quotes: Quotes, seed: int) -> None:
        self._quotes = quotes
        self._suffix = f"yf-{seed * 2654435761 % 36**6:06x}"[:9]
        self._with_checkbox = seed % 2 == 1

    def html(self, listing: Listing) -> bytes:
        """The whole page."""
        suffix = self._suffix
        body = (
            f'<section class="container {suffix}"><h1>Equity Screener</h1>'
            f'<div class="filters {suffix}">{self._region_filter(listing.region)}{self._cap_filter()}</div>'
            f'<div class="screener-table {suffix}" data-testid="screener-table" aria-busy="false">'
            f'<div class="table-container {suffix}" data-testid="data-table-v2"><table class="bd {suffix}"><thead>'
            f"<tr>{self._headers()}</tr></thead><tbody>{self.rows(listing)}</tbody></table></div></div>"
            f"{self._pagination(listing)}</section>"
        )
        state = msgspec.json.encode({"region": listing.region, "start": listing.start, "count": listing.count})
        return (
            '<!DOCTYPE html><html lang="en-US" theme="light"><head><meta charset="utf-8">'
            f"<title>Stock Screener - Yahoo Finance</title><style>{STYLE}</style></head>"
            f'<body data-state="{html.escape(state.decode())}">{body}<script>{SCRIPT}</script></body></html>'
        ).encode()

    def data(self, listing: Listing) -> bytes:
        """The rows and the pagination, as the page's script wants them."""
        return msgspec.json.encode(
            {
                "rows": self.rows(listing),
                "total": total_text(listing),
                "last": listing.start + len(listing.companies) >= listing.total,
            }
        )

    def rows(self, listing: Listing) -> str:
        """The table's rows."""
        return "".join(self._row(number, company) for number, company in enumerate(listing.companies))

    def _row(self, number: int, company: Company) -> str:
        cells = self._cells(number, company)
        checkbox = '<td><input type="checkbox" aria-label="Select"></td>' if self._with_checkbox else ""
        tds = "".join(f'<td class="{self._suffix}" data-testid-cell="{key}">{text}</td>' for key, text in cells.items())
        row = f'class="row {self._suffix}" data-testid="data-table-v2-row" data-testid-row="{number}"'
        return f"<tr {row}>{checkbox}{tds}</tr>"

    def _cells(self, number: int, company: Company) -> dict[str, str]:
        fields = self._quotes.fields(company.symbol)
        symbol, name = html.escape(company.symbol), html.escape(company.name)
        price, change = fields["regularMarketPrice"], fields["regularMarketChange"]
        low, high = money(fields["fiftyTwoWeekLow"]), money(fields["fiftyTwoWeekHigh"])
        cap, ratio = fields.get("marketCap"), fields.get("trailingPE")
        spark = _SPARKLINE.format(*(5 + (number * k) % 11 for k in (1, 3, 5, 7)))
        streamed = f'data-symbol="{symbol}" data-field="regularMarketPrice" data-value="{price}"'
        shown = f'<span data-testid="change">{money(price)}</span>'
        if number % 2:
            shown = f"<fin-streamer {streamed}>{money(price)}</fin-streamer>"
        return {
            "ticker": f'<a class="ticker {self._suffix}" href="/quote/{symbol}/" title="{name}">'
            f'<span class="symbol {self._suffix}">{symbol}</span></a>',
            "companyshortname.raw": f'<div class="companyName {self._suffix}" title="{name}">{name}</div>',
            "sparkline": spark,
            "intradayprice": shown,
            "intradaypricechange": _colored(f"{change:+.2f}"),
            "percentchange": _colored(f"{fields['regularMarketChangePercent']:+.2f}%"),
            "dayvolume": cell(fields["regularMarketVolume"]),
            "avgdailyvol3m": cell(fields["averageDailyVolume3Month"]),
            "intradaymarketcap": "-" if cap is None else cell(cap),
            "peratio.lasttwelvemonths": "-" if ratio is None else money(ratio),
            "fiftytwowkpercentchange": _colored(f"{fields['fiftyTwoWeekChangePercent']:+.2f}%"),
            "fiftyTwoWeekRange": f'<div class="labels"><span>{low}</span><span>{high}</span></div>',
            "region": html.escape(company.region.name),
            "sector": html.escape(company.industry.sector),
            "industry": html.escape(company.industry.name),
        }

    def _headers(self) -> str:
        checkbox = "<th></th>" if self._with_checkbox else ""
        cells = (f'<th class="{self._suffix}" data-testid-header="{k}">{t}</th>' for k, t in _HEADERS.items())
        return checkbox + "".join(cells)

    def _region_filter(self, chosen: str) -> str:
        options = "".join(
            f'<label class="{self._suffix}" title="{html.escape(region.name)}"><input type="checkbox" id="{code}" '
            f'data-testid="filter-option-{code}"{" checked" if code == chosen else ""}>'
            f"<span>{html.escape(region.name)}</span></label>"
            for code, region in REGIONS.items()
        )
        search = '<input type="text" placeholder="Search...">'
        value = html.escape(REGIONS[chosen].name) if chosen in REGIONS else ""
        return self._filter("Region", "region", value, f'{search}<div class="options {self._suffix}">{options}</div>')

    def _cap_filter(self) -> str:
        kinds = {"gt": "Greater than", "lt": "Less than", "btwn": "Between"}
        radios = "".join(
            f'<label class="{self._suffix}" title="{title}"><input type="radio" name="operator-intradaymarketcap" '
            f'value="{kind}" data-testid="filter-operator-{kind}"{" checked" if kind == "btwn" else ""}>'
            f"<span>{title}</span></label>"
            for kind, title in kinds.items()
        )
        bounds = "".join(
            f'<input type="number" min="0" step="1" data-testid="filter-{end}" placeholder="{end.title()}">'
            for end in ("min", "max")
        )
        return self._filter("Market Cap", "intradaymarketcap", "Any", f'<div class="options">{radios}</div>{bounds}')

    def _filter(self, title: str, field: str, value: str, content: str) -> str:
        suffix, menu = self._suffix, f"menu-{field}"
        return (
            f'<div class="{suffix}" data-testid="filter-selector" data-field="{field}">'
            f'<div class="menuContainer {suffix}">'
            f'<button class="tertiary-btn fin-size-small menuBtn rounded {suffix}" aria-haspopup="true" '
            f'aria-controls="{menu}" data-ylk="elm:btn;elmt:menu;sec:screener-filter;slk:{title};itc:1">'
            f'<div class="filterLabel">{title}</div> <span class="value">{value}</span></button>'
            f'<div class="dialog-container menu-surface-dialog modal {suffix}" id="{menu}" aria-hidden="true">{content}'
            f'<div class="submit {suffix}">'
            '<button class="secondary-btn" aria-label="Reset" data-testid="filter-reset">Reset</button>'
            '<button class="primary-btn" aria-label="Apply" data-testid="filter-apply">Apply</button>'
            "</div></div></div></div>"
        )

    def _pagination(self, listing: Listing) -> str:
        sizes = "".join(f'<div role="option" data-value="{n}"><span>{n}</span></div>' for n in PAGE_SIZES)
        at_end = listing.start + len(listing.companies) >= listing.total
        arrows = (
            ("prev-page-button", "Goto previous page", listing.start == 0),
            ("next-page-button", "Goto next page", at_end),
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


def total_text(listing: Listing) -> str:
    """``1-25 of 1067``."""
    shown = len(listing.companies)
    return f"{listing.start + 1 if shown else 0}-{listing.start + shown} of {listing.total}"


def _colored(text: str) -> str:
    return f'<span data-testid="colorChange" class="{"positive" if text[0] == "+" else "negative"}">{text}</span>'
