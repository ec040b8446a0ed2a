"""Market-cap bounds as people write them, and the half-open bands made from them.

Amounts are in the listing's own currency, as the source filters them.
"""

from __future__ import annotations

import re
from itertools import pairwise

import msgspec

_SUFFIXES = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_PATTERN = re.compile(r"(\d+(?:\.\d+)?)\s*([KMBT]?)", re.IGNORECASE)


class Band(msgspec.Struct, frozen=True):
    """Market caps from ``minimum`` up to, not including, ``maximum``; ``None`` is unbounded."""

    minimum: int | None = None
    maximum: int | None = None

    def __str__(self) -> str:
        return f"{shorten(self.minimum)}..{shorten(self.maximum)}"

    def __contains__(self, market_cap: float) -> bool:
        above = self.minimum is None or market_cap >= self.minimum
        return above and (self.maximum is None or market_cap < self.maximum)


def parse_market_cap(text: str | None) -> int | None:
    """``"1.5B"`` -> 1500000000; empty or None -> None (unbounded). Raises ValueError."""
    if text is None or not text.strip():
        return None
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a market cap; write a number with K, M, B or T, such as 100M or 1.5B")
    return round(float(match[1]) * _SUFFIXES[match[2].upper()])


def band(minimum: str | None, maximum: str | None) -> Band:
    """The band between two bounds as people write them. Raises ValueError."""
    low, high = parse_market_cap(minimum), parse_market_cap(maximum)
    if low is not None and high is not None and low >= high:
        raise ValueError(f"the market-cap minimum {minimum} is not below the maximum {maximum}")
    return Band(low, high)


def cut(whole: Band, cuts: list[int]) -> list[Band]:
    """``whole`` divided at those ``cuts`` that lie inside it, in ascending order."""
    inside = sorted(c for c in set(cuts) if c in whole and c != whole.minimum)
    edges = [whole.minimum, *inside, whole.maximum]
    return [Band(low, high) for low, high in pairwise(edges)]


def shorten(amount: int | None) -> str:
    """1500000000 -> ``"1.5B"``, exactly invertible; None -> ``""``."""
    if amount is None:
        return ""
    for suffix, factor in (("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if amount >= factor and (amount * 1000) % factor == 0:
            return f"{amount / factor:.3f}".rstrip("0").rstrip(".") + suffix
    return str(amount)
