"""Half-years that their source labels as quarters.

Companies of some countries report twice a year. Where the source says three months of every column between two
annual ones, the gap of six months alone does not tell a half-year from a quarter whose neighbours are missing;
a fiscal year that is the sum of two such columns does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from include.contracts.fundamentals import Statement

_QUARTER, _YEAR = 3, 12  # months
_APART = timedelta(days=183)
_TOLERANCE = timedelta(days=10)
_TELLING = ("TotalRevenue", "NetIncome", "PretaxIncome", "OperatingCashFlow")
_ROUNDING = 1e-3


def are_half_years(statements: Sequence[Statement]) -> bool:
    """Whether the "quarters" of one stock are half-years: far apart, and two by two they make its fiscal years."""
    quarters = [one for one in statements if one.period_type == "quarterly" and one.months in (None, _QUARTER)]
    if not _come_twice_a_year(quarters):
        return False
    years = [one for one in statements if one.period_type == "annual" and one.months in (None, _YEAR)]
    return any(_make(first, second, year) for first, second, year in _candidates(quarters, years))


def _come_twice_a_year(quarters: Sequence[Statement]) -> bool:
    ends = sorted(one.period_end for one in quarters)
    return len(ends) > 1 and all(later - end >= _APART - _TOLERANCE for end, later in pairwise(ends))


def _candidates(
    quarters: Sequence[Statement], years: Sequence[Statement]
) -> Iterator[tuple[Statement, Statement, Statement]]:
    for year in years:
        for second in quarters:
            for first in quarters:
                apart = second.period_end - first.period_end
                if abs(apart - _APART) <= _TOLERANCE and abs(second.period_end - year.period_end) <= _TOLERANCE:
                    yield first, second, year


def _make(first: Statement, second: Statement, year: Statement) -> bool:
    """Whether the two add up to the year in every line that tells, and there is one."""
    told = [
        math.isclose(first.lines[name] + second.lines[name], year.lines[name], rel_tol=_ROUNDING)
        for name in _TELLING
        if name in first.lines and name in second.lines and year.lines.get(name)
    ]
    return bool(told) and all(told)
