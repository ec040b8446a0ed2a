"""Numbers as a web page shows them: shortened, grouped, or a dash."""

from __future__ import annotations

import re

import msgspec

_SUFFIXES = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_SHOWN = re.compile(
    r"(?P<sign>[-+\u2212]?)(?P<whole>\d[\d,]*)(?P<decimals>\.\d+)?\s*(?P<suffix>[KMBT]?)", re.IGNORECASE
)
_NONE = {"", "-", "--", "\u2013", "\u2014", "N/A"}


class Rounded(msgspec.Struct, frozen=True):
    """A number known to half a unit of its last digit: ``"1.206B"`` is 1.206e9, give or take 0.5e6."""

    value: float
    give_or_take: float

    def is_about(self, exact: float) -> bool:
        """Whether ``exact`` may have been shown as this."""
        # A page may round or cut off; a whole unit of the last digit allows for both.
        return abs(exact - self.value) <= 2 * self.give_or_take * (1 + 1e-9)


def shown(text: str) -> Rounded | None:
    """The number in ``text``, None for a dash. Raises ValueError for anything else."""
    text = text.strip()
    if text.upper() in _NONE:
        return None
    match = _SHOWN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a number as the page shows them")
    factor = _SUFFIXES[match["suffix"].upper()]
    decimals = match["decimals"] or ""
    size = float(match["whole"].replace(",", "") + decimals) * factor
    last_digit = factor / 10 ** max(len(decimals) - 1, 0)
    return Rounded(-size if match["sign"] in ("-", "\u2212") else size, last_digit / 2)
