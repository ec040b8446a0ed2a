"""The rows of the screener page's table."""

from __future__ import annotations

import html
from collections.abc import Sequence

import msgspec

from include.market.world.company import Company
from include.market.yahoo.numbers import cell, money
from include.market.yahoo.quotes import Quotes

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

    @property
    def is_last(self) -> bool:
        """Whether no page follows."""
        return self.start + len(self.companies) >= self.total


def total_text(listing: Listing) -> str:
    """``1-25 of 1067``; ``0-0 of 0`` when nothing was found."""
    shown = len(listing.companies)
    if not shown:
        return f"0-0 of {listing.total}"
    return f"{listing.start + 1}-{listing.start + shown} of {listing.total}"


class Rows:
    """Renders rows; with ``with_checkbox`` a column without a key comes first."""

    def __init__(self, quotes: Quotes, suffix: str, *, with_checkbox: bool) -> None:
        self._quotes = quotes
        self._suffix = suffix
        self._with_checkbox = with_checkbox

    def headers(self) -> str:
        """The table's head."""
        checkbox = "<th></th>" if self._with_checkbox else ""
        cells = (f'<th class="{self._suffix}" data-testid-header="{k}">{t}</th>' for k, t in _HEADERS.items())
        return checkbox + "".join(cells)

    def html(self, listing: Listing) -> str:
        """The table's rows."""
        return "".join(self._row(number, company) for number, company in enumerate(listing.companies))

    def _row(self, number: int, company: Company) -> str:
        cells = self._identity(company) | self._numbers(number, company)
        checkbox = '<td><input type="checkbox" aria-label="Select"></td>' if self._with_checkbox else ""
        tds = "".join(f'<td class="{self._suffix}" data-testid-cell="{key}">{cells[key]}</td>' for key in _HEADERS)
        row = f'class="row {self._suffix}" data-testid="data-table-v2-row" data-testid-row="{number}"'
        return f"<tr {row}>{checkbox}{tds}</tr>"

    def _identity(self, company: Company) -> dict[str, str]:
        symbol, name = html.escape(company.symbol), html.escape(company.name)
        return {
            "ticker": f'<a class="ticker {self._suffix}" href="/quote/{symbol}/" title="{name}">'
            f'<span class="symbol {self._suffix}">{symbol}</span></a>',
            "companyshortname.raw": f'<div class="companyName {self._suffix}" title="{name}">{name}</div>',
            "region": html.escape(company.region.name),
            "sector": html.escape(company.industry.sector),
            "industry": html.escape(company.industry.name),
        }

    def _numbers(self, number: int, company: Company) -> dict[str, str]:
        fields = self._quotes.fields(company.symbol)
        price, cap, ratio = fields["regularMarketPrice"], fields.get("marketCap"), fields.get("trailingPE")
        low, high = money(fields["fiftyTwoWeekLow"]), money(fields["fiftyTwoWeekHigh"])
        shown = f'<span data-testid="change">{money(price)}</span>'
        if number % 2:
            of = f'data-symbol="{html.escape(company.symbol)}" data-field="regularMarketPrice" data-value="{price}"'
            shown = f"<fin-streamer {of}>{money(price)}</fin-streamer>"
        return {
            "sparkline": _SPARKLINE.format(*(5 + (number * k) % 11 for k in (1, 3, 5, 7))),
            "intradayprice": shown,
            "intradaypricechange": _colored(f"{fields['regularMarketChange']:+.2f}"),
            "percentchange": _colored(f"{fields['regularMarketChangePercent']:+.2f}%"),
            "dayvolume": cell(fields["regularMarketVolume"]),
            "avgdailyvol3m": cell(fields["averageDailyVolume3Month"]),
            "intradaymarketcap": "-" if cap is None else cell(cap),
            "peratio.lasttwelvemonths": "-" if ratio is None else money(ratio),
            "fiftytwowkpercentchange": _colored(f"{fields['fiftyTwoWeekChangePercent']:+.2f}%"),
            "fiftyTwoWeekRange": f'<div class="labels"><span>{low}</span><span>{high}</span></div>',
        }


def _colored(text: str) -> str:
    return f'<span data-testid="colorChange" class="{"positive" if text[0] == "+" else "negative"}">{text}</span>'
