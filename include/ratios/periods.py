"""Which reported periods belong together: the year before, the four quarters of a trailing year.

Fiscal period ends stay as reported. A year of 52 or 53 weeks moves them by days, so a period is found by
the nearest end within ten days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from include.contracts.fundamentals import PeriodType, Statement
from include.ratios.half_years import are_half_years
from include.ratios.rows import ROWS, Kind

TOLERANCE_DAYS = 10
MONTHS: dict[PeriodType, int] = {"annual": 12, "quarterly": 3, "trailing": 12}
_DAYS_PER_MONTH = 365.25 / 12
_QUARTER, _HALF, _YEAR = 3, 6, 12  # months
_FLOWS = frozenset(row.name for row in ROWS if row.kind is Kind.FLOW)


class Period:
    """A column of the panel: a reported statement, or a trailing year put together from several.

    All references are positions in the panel's list of periods, -1 for none. A reported period has its
    ``statement``. A trailing year takes its flows from ``flows_of`` (one reported year), fills gaps with the
    sum of ``parts`` (quarters or half-years), and has the balance sheet of ``balance_of``; ``mismatch`` says
    that its parts exist but do not make a year, ``balance_mismatch`` that no balance sheet is of its end.
    """

    __slots__ = (
        "balance_mismatch",
        "balance_of",
        "currency",
        "day",
        "end",
        "flows_of",
        "mismatch",
        "months",
        "parts",
        "period_type",
        "position",
        "previous",
        "reported",
        "statement",
        "stock",
    )

    def __init__(self, stock: int, position: int, period_type: PeriodType, end: date) -> None:
        self.stock = stock
        self.position = position
        self.period_type: PeriodType = period_type
        self.end = end
        self.day = end.toordinal()
        self.months = MONTHS[period_type]
        self.currency: str | None = None
        self.statement: Statement | None = None
        self.reported = False  # whether it becomes a row of the result
        self.previous = -1
        self.flows_of = -1
        self.balance_of = -1
        self.parts: tuple[int, ...] = ()
        self.mismatch = False
        self.balance_mismatch = False


def line_up(stock: int, statements: Sequence[Statement], start: int) -> list[Period]:
    """The periods of one stock, in order, from position ``start``: annual, quarterly, trailing, and those hidden
    ones that serve only as somebody's previous period."""
    by_type: dict[PeriodType, list[Period]] = {"annual": [], "quarterly": [], "trailing": []}
    periods: list[Period] = []
    quarter = _HALF if are_half_years(statements) else _QUARTER
    for statement in sorted(statements, key=_order):
        period = Period(stock, start + len(periods), statement.period_type, statement.period_end)
        period.statement, period.currency = statement, statement.currency
        period.months = statement.months or period.months
        if period.period_type == "quarterly" and period.months == _QUARTER:
            period.months = quarter
        period.reported = statement.period_type != "trailing"
        by_type[statement.period_type].append(period)
        periods.append(period)
    for same in (by_type["annual"], by_type["quarterly"]):
        for period in same:
            period.previous = _position(near(same, _months_before(period.day, period.months)))
    _Trailing(periods, by_type, stock, start).add()
    return periods


def near(periods: Sequence[Period], ordinal: float) -> Period | None:
    """The period whose end is nearest to that day, if it is within the tolerance."""
    best, distance = None, TOLERANCE_DAYS + 0.5
    for period in periods:
        apart = abs(period.day - ordinal)
        if apart < distance:
            best, distance = period, apart
    return best


def _order(statement: Statement) -> tuple[int, date]:
    return tuple(MONTHS).index(statement.period_type), statement.period_end


def _months_before(day: int, months: float) -> float:
    return day - months * _DAYS_PER_MONTH


def _position(period: Period | None) -> int:
    return -1 if period is None else period.position


class _Trailing:
    """Adds the trailing year of one stock, and the year before it as its previous period."""

    def __init__(self, periods: list[Period], by_type: dict[PeriodType, list[Period]], stock: int, start: int) -> None:
        self.periods, self.by_type, self.stock, self.start = periods, by_type, stock, start
        self.quarters = [period for period in by_type["quarterly"] if _has_flows(period.statement)]

    def add(self) -> None:
        reported, quarters = self.by_type["trailing"], self.quarters
        if reported:
            latest = self._year(reported[-1].end)
        elif quarters:
            latest = self._year(quarters[-1].end)
            if not latest.parts:
                if sum(quarter.months for quarter in quarters) < _YEAR:
                    return  # too few to try: there is nothing to reject
                latest.mismatch = True
        else:
            return
        latest.reported = True
        self._append(latest)
        before = self._year_before(latest)
        if before is not None:
            self._append(before)
            latest.previous = before.position

    def _append(self, period: Period) -> None:
        period.position = self.start + len(self.periods)
        self.periods.append(period)

    def _year_before(self, latest: Period) -> Period | None:
        target = _months_before(latest.day, _YEAR)
        everything = [p for same in self.by_type.values() for p in same]
        found = near(everything, target)
        if found is None:
            return None
        before = self._year(found.end)
        if before.flows_of < 0 and not before.parts:
            # A fiscal year that ended then is the trailing year of that day.
            years = [year for year in self.by_type["annual"] if year.months == _YEAR]
            before.flows_of = _position(near(years, target))
            before.currency = before.currency or found.currency
        return before

    def _year(self, end: date) -> Period:
        """The trailing year that ends on that day, as far as the source's column and the quarters tell."""
        day = end.toordinal()
        year = Period(self.stock, -1, "trailing", end)
        flows = near(self.by_type["trailing"], day)
        balance = near(self.by_type["quarterly"], day) or near(self.by_type["annual"], day)
        parts = self._parts(day)
        year.flows_of, year.balance_of = _position(flows), _position(balance)
        year.parts = tuple(p.position for p in parts)
        year.balance_mismatch = balance is None and bool(self.by_type["quarterly"] or self.by_type["annual"])
        sources = [p.currency for p in (flows, *parts[:1], balance) if p is not None and p.currency]
        year.currency = sources[0] if sources else None
        return year

    def _parts(self, day: int) -> list[Period]:
        """Four quarters or two half-years that follow each other and end on that day; nothing otherwise."""
        last = near(self.quarters, day)
        if last is None or last.months not in (_QUARTER, _HALF):
            return []
        targets = [_months_before(day, gone) for gone in range(last.months, _YEAR, last.months)]
        found = [last, *(near(self.quarters, target) for target in targets)]
        parts = [p for p in found if p is not None and p.months == last.months]
        return parts if len(parts) == len(found) else []


def _has_flows(statement: Statement | None) -> bool:
    return statement is not None and not _FLOWS.isdisjoint(statement.lines)
