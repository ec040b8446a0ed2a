"""The sectors of a band's stocks where no page shows them: by the screener's own filters, 250 stocks a request.

The answer to a screener query names no stock's sector, but one sector's stocks can be asked for. Finance and
real estate decide which ratios mean something: they come first, and their banks, insurers and trusts are told
from the rest. That is some fourteen questions for a whole band, kept for 30 days by whoever asks them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from typing import Any

import msgspec
from yfinance import EquityQuery
from yfinance.const import SECTOR_INDUSTY_MAPPING

from include.contracts.quotes import Quote
from include.errors import Permanent, Transient

log = logging.getLogger(__name__)

Find = Callable[[EquityQuery], list[Quote]]
"""All stocks of the band that a further condition leaves."""

_DECIDING: dict[str, tuple[str, ...]] = {
    "Financial Services": ("Banks", "Insurance"),
    "Real Estate": ("REIT",),
}
_SECTORS = (*_DECIDING, *sorted(set(SECTOR_INDUSTY_MAPPING) - set(_DECIDING)))
_TOO_FEW = 15  # stocks: their own profiles are fewer questions


class FilterIgnored(Exception):
    """Two sectors have the same stock: what was asked for was not what was answered."""


def described(find: Find, about: str, announced: int) -> list[Quote]:
    """The stocks of a band of ``announced`` stocks whose sector can be found, with it.

    The industry is the group that was asked for: "Banks", "Insurance", "REIT", or the sector's name and
    "other" for what is none of them; None where the sector alone is known. What cannot be asked for now stays
    unknown, and so does a handful of stocks. Raises Transient while the source limits our rate, and Unfit.
    """
    found: dict[str, Quote] = {}
    try:
        for sector in _SECTORS:
            if _TOO_FEW <= announced > len(found):
                _add(found, _members(find, sector))
    except FilterIgnored as reason:
        log.warning("%s: sectors stay unknown, the source does not filter by them (%s)", about, reason)
        return []
    except (Transient, Permanent) as failure:
        if isinstance(failure, Transient) and failure.source is not None:
            raise
        log.warning("%s: %d sectors are known, the others could not be asked for: %s", about, len(found), failure)
    return list(found.values())


def _members(find: Find, sector: str) -> list[Quote]:
    members = [_labelled(quote, sector, None) for quote in find(EquityQuery("eq", ["sector", sector]))]
    if not members or sector not in _DECIDING:
        return members
    groups: dict[str, Quote] = {}
    for group in _DECIDING[sector]:
        asked = find(EquityQuery("is-in", ["industry", *_industries(sector, group)]))
        _add(groups, [_labelled(quote, sector, group) for quote in asked])
    if groups.keys() - {quote.symbol for quote in members}:
        raise FilterIgnored(f"an industry of {sector} has stocks that the sector has not")
    # Without a single hit the filter may not know these names: then nobody is known to be "other".
    other = f"{sector}, other" if groups else None
    return [groups.get(quote.symbol) or _labelled(quote, sector, other) for quote in members]


def _industries(sector: str, group: str) -> Iterator[str]:
    """The source's industries of a group, as its filter spells them: ``Banks—Regional``."""
    known: Collection[Any] = SECTOR_INDUSTY_MAPPING[sector]
    return (name for name in sorted(known) if name.startswith(f"{group}—"))


def _labelled(quote: Quote, sector: str, industry: str | None) -> Quote:
    return msgspec.structs.replace(quote, sector=sector, industry=industry)


def _add(found: dict[str, Quote], quotes: list[Quote]) -> None:
    for quote in quotes:
        other = found.setdefault(quote.symbol, quote)
        if other is not quote:
            raise FilterIgnored(f"{quote.symbol} is in {other.sector} ({other.industry}) and in {quote.sector}")
