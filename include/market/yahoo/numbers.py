"""How Yahoo writes numbers out."""

from __future__ import annotations

_MILLION = 1e6
_SUFFIXES = ((1e12, "T"), (1e9, "B"), (_MILLION, "M"), (1e3, "k"))


def short(amount: float, digits: int = 2, thousands: bool = True) -> str:
    """394328000000 -> ``394.33B``; with 3 digits ``394.328B``; small numbers are written out."""
    for factor, suffix in _SUFFIXES:
        if abs(amount) >= factor and (thousands or suffix != "k"):
            return f"{amount / factor:.{digits}f}{suffix}"
    return f"{amount:.{2 if thousands else digits}f}"


def cell(amount: float) -> str:
    """As cells of the screener page: ``1.206B``, ``55.692M``, ``915,308``."""
    return short(amount, 3) if abs(amount) >= _MILLION else f"{amount:,.0f}"


def money(amount: float) -> str:
    """A price as the page has it: ``1,234.50``."""
    return f"{amount:,.2f}"


def formatted(amount: float) -> dict[str, object]:
    """A number of an answer that was asked for ``formatted=true``."""
    return {"raw": amount, "fmt": short(amount), "longFmt": f"{amount:,.0f}"}
