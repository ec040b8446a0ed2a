"""The filters of the screener page: a button each, and the dialog that it opens."""

from __future__ import annotations

import html
from urllib.parse import quote

from include.market.world.regions import REGIONS

# Presets as the page names them, in dollars whatever the region's currency.
_PRESETS = {
    "small_cap": ("Small Cap", "300000000-2000000000"),
    "mid_cap": ("Mid Cap", "2000000000-10000000000"),
    "large_cap": ("Large Cap", "10000000000-100000000000"),
    "mega_cap": ("Mega Cap", "100000000000-"),
}
_OPERATORS = {"gt": "Greater than", "lt": "Less than", "eq": "Equals", "btwn": "Between"}


class Filters:
    """Renders filters."""

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix

    def region(self, chosen: str) -> str:
        """The Region filter: a checkbox per region, those that are chosen checked."""
        options = "".join(
            self._option(code, region.name, checked=code == chosen, more=f' data-testid="filter-option-{code}"')
            for code, region in REGIONS.items()
        )
        search = '<input type="text" placeholder="Search...">'
        value = REGIONS[chosen].name if chosen in REGIONS else ""
        return self._filter("Region", "region", value, f'{search}<div class="options {self._suffix}">{options}</div>')

    def market_cap(self) -> str:
        """The Market Cap filter: presets, or bounds of one's own after Custom."""
        presets = "".join(
            self._option(name, title, checked=False, more=f' data-testid="filter-option-{name}" data-band="{band}"')
            for name, (title, band) in _PRESETS.items()
        )
        custom = self._option("custom", "Custom", checked=False)
        operators = "".join(
            f'<button class="tertiary-btn {self._suffix}" data-operator="{kind}" '
            f'data-ylk="elm:operator;itc:1;sec:screener-filter;slk:{quote(title)}">{title}</button>'
            for kind, title in _OPERATORS.items()
        )
        bound = '<div class="left-content"><input type="text" inputmode="decimal" placeholder="0"></div>'
        own = f'<div class="custom {self._suffix}" hidden><div class="operators">{operators}</div>{bound * 2}</div>'
        content = f'<div class="options {self._suffix}">{presets}{custom}</div>{own}'
        return self._filter("Market Cap (Intraday)", "intradaymarketcap", "Any", content)

    def _option(self, name: str, title: str, *, checked: bool, more: str = "") -> str:
        return (
            f'<label class="{self._suffix}" title="{html.escape(title)}"><input type="checkbox" id="{name}"{more}'
            f"{' checked' if checked else ''}><span>{html.escape(title)}</span></label>"
        )

    def _filter(self, title: str, field: str, value: str, content: str) -> str:
        suffix, menu = self._suffix, f"menu-{field}"
        return (
            f'<div class="{suffix}" data-testid="filter-selector" data-field="{field}">'
            f'<div class="menuContainer {suffix}">'
            f'<button class="tertiary-btn fin-size-small menuBtn rounded {suffix}" aria-haspopup="true" '
            f'aria-controls="{menu}" data-ylk="elm:btn;elmt:menu;itc:1;sec:screener-filter;slk:{quote(title, "()")}">'
            f'<div class="filterLabel">{title}</div> <span class="value">{html.escape(value)}</span></button>'
            f'<div class="dialog-container menu-surface-dialog modal {suffix}" id="{menu}" aria-hidden="true">{content}'
            f'<div class="submit {suffix}">'
            '<button class="secondary-btn" aria-label="Reset" data-testid="filter-reset">Reset</button>'
            '<button class="primary-btn" aria-label="Apply" data-testid="filter-apply">Apply</button>'
            "</div></div></div></div>"
        )
