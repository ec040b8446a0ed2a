"""Currencies and their sub-units: pence, cents, agorot; dated rates between them, never guessed."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from include.contracts.fundamentals import ExchangeRate, Fundamentals
from include.contracts.quotes import Quote

Rates = Mapping[tuple[str, str], ExchangeRate]

# A code is never upper-cased: GBp is a hundredth of GBP. GBX and ZAC are aliases that sources use.
_SUB_UNITS = {
    "GBp": ("GBP", 0.01),
    "GBX": ("GBP", 0.01),
    "ZAc": ("ZAR", 0.01),
    "ZAC": ("ZAR", 0.01),
    "ILA": ("ILS", 0.01),
    "KWF": ("KWD", 0.001),
}


class Conversion(msgspec.Struct, frozen=True):
    """How many units of one currency one unit of another is, and the dated rates that say so.

    ``factor`` is NaN where no rate is known. ``rates`` is empty where both are the same currency.
    """

    factor: float
    rates: tuple[ExchangeRate, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a rate."""
        return not math.isnan(self.factor)


_SAME = Conversion(1.0)
_UNKNOWN = Conversion(math.nan)


def major(code: str) -> tuple[str, float]:
    """A currency code as (ISO 4217 code, units of it in one of the given): ``GBp`` -> ``("GBP", 0.01)``."""
    return _SUB_UNITS.get(code, (code, 1.0))


def conversion(source: str | None, target: str | None, rates: Rates) -> Conversion:
    """From one currency or sub-unit to another: directly, by the inverse, or through one third currency."""
    if source is None or target is None:
        return _UNKNOWN
    if source == target:
        return _SAME
    (base, base_units), (quoted, quoted_units) = major(source), major(target)
    found = _SAME if base == quoted else _between(base, quoted, rates) or _through_third(base, quoted, rates)
    if found is None:
        return _UNKNOWN
    return Conversion(base_units * found.factor / quoted_units, found.rates)


def _between(base: str, quoted: str, rates: Rates) -> Conversion | None:
    direct = rates.get((base, quoted))
    if direct is not None and direct.rate > 0:
        return Conversion(direct.rate, (direct,))
    inverse = rates.get((quoted, base))
    if inverse is not None and inverse.rate > 0:
        return Conversion(1.0 / inverse.rate, (inverse,))
    return None


def _through_third(base: str, quoted: str, rates: Rates) -> Conversion | None:
    for third in sorted({code for pair in rates for code in pair} - {base, quoted}):
        first, second = _between(base, third, rates), _between(third, quoted, rates)
        if first is not None and second is not None:
            return Conversion(first.factor * second.factor, first.rates + second.rates)
    return None


def pairs_needed(fundamentals: Fundamentals, quote: Quote | None) -> frozenset[tuple[str, str]]:
    """The (currency, quoted_in) pairs without which some ratio of this stock would be CURRENCY_UNRESOLVED.

    All are quoted in the currency of the newest statement, so a pair for each other currency is enough.
    """
    statements = sorted(fundamentals.statements, key=lambda s: s.period_end)
    currencies = [s.currency for s in statements] + [c for s in statements for c in s.currencies.values()]
    if quote is not None:
        currencies += [quote.currency, quote.financial_currency]
    newest = next((s.currency for s in reversed(statements) if s.currency), None)
    if newest is None:
        return frozenset()
    target = major(newest)[0]
    return frozenset((major(c)[0], target) for c in currencies if c is not None and major(c)[0] != target)
