"""Every ratio, in the order of the documentation and of the table's columns."""

from __future__ import annotations

from types import ModuleType

from include.ratios import (
    coverage,
    dividends,
    efficiency,
    enterprise,
    growth,
    liquidity,
    per_share,
    piotroski,
    profitability,
    returns,
    sector,
    solvency,
    valuation,
)
from include.ratios.profiles import Profile
from include.ratios.ratio import Ratio

_FAMILIES: tuple[ModuleType, ...] = (
    liquidity,
    solvency,
    coverage,
    profitability,
    returns,
    efficiency,
    per_share,
    valuation,
    dividends,
    enterprise,
    growth,
    piotroski,
    sector,
)


def _declared(module: ModuleType) -> list[Ratio]:
    # A family may use another's ratios; those are declared where their function is.
    found = (value for value in vars(module).values() if isinstance(value, Ratio))
    return [one for one in found if one.function.__module__ == module.__name__]


CATALOG: dict[str, Ratio] = {one.name: one for family in _FAMILIES for one in _declared(family)}
"""The ratios by snake_case name."""


def listed() -> list[dict[str, object]]:
    """The catalogue as plain rows, for ``stocks ratios --list`` and its JSON."""
    return [
        {
            "name": one.name,
            "title": one.title,
            "category": one.category.name,
            "formula": one.formula,
            "inputs": list(one.inputs),
            "unit": one.unit,
            "not_for": [str(kind) for kind in one.not_for],
            "only_for": [str(kind) for kind in one.only_for],
            "summary": one.summary,
            "source": one.source,
        }
        for one in CATALOG.values()
    ]


def comment(one: Ratio) -> str:
    """The comment of a ratio's column in PostgreSQL: name, formula, unit, and to whom it applies."""
    limits = [
        f"not for: {_kinds(one.not_for)}" if one.not_for else "",
        f"only for: {_kinds(one.only_for)}" if one.only_for else "",
    ]
    return "; ".join([f"{one.title} = {one.formula}", f"unit: {one.unit}", *filter(None, limits)])


def _kinds(kinds: tuple[Profile, ...]) -> str:
    return ", ".join(kinds)
