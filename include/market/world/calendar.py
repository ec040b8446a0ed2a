"""Fiscal calendars: when the quarters of a company end, and which of them are reported already."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

QUARTERS = 4
_SATURDAY = 5


def quarter_ends(fiscal_month: int, on_saturday: bool, last: date, count: int) -> list[date]:
    """The last ``count`` quarter ends up to ``last``, oldest first.

    ``on_saturday`` is a 52/53-week year: the last Saturday of the month instead of its last day, so
    that years have 364 or 371 days.
    """
    ends: list[date] = []
    year, month = last.year, last.month
    while len(ends) < count:
        if (month - fiscal_month) % 3 == 0:
            end = _month_end(year, month, on_saturday)
            if end <= last:
                ends.append(end)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return ends[::-1]


def ends_a_year(end: date, fiscal_month: int) -> bool:
    """Whether a quarter's end is the fiscal year's."""
    return end.month == fiscal_month


def _month_end(year: int, month: int, on_saturday: bool) -> date:
    end = date(year, month, monthrange(year, month)[1])
    return end - timedelta(days=(end.weekday() - _SATURDAY) % 7) if on_saturday else end
