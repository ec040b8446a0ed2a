"""Many stocks side by side: one array per statement row over all their periods, one Amount per line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import cast

import numpy as np
from numpy.typing import NDArray

from include.ratios.arithmetic import Amount, Statuses, Values
from include.ratios.currency import Conversion, conversion, major
from include.ratios.periods import Period, line_up
from include.ratios.rows import ROW_INDEX, ROWS, Kind, Part
from include.ratios.status import Status
from include.ratios.stock import StockInput

_BLANK = dict.fromkeys(ROW_INDEX, math.nan)
_MONEY = np.array([row.is_money for row in ROWS])
_AT_A_DATE = np.array([row.kind in (Kind.BALANCE, Kind.SHARES_AT) for row in ROWS])
_AVERAGED = np.flatnonzero([row.kind is Kind.SHARES_OVER for row in ROWS])
_ADDITIVE = np.flatnonzero([row.kind in (Kind.FLOW, Kind.PER_SHARE, Kind.SHARES_OVER) for row in ROWS])
_OVER_A_SPAN = frozenset(row.name for row in ROWS if row.kind in (Kind.FLOW, Kind.PER_SHARE))
_PART_ROWS: dict[Part, NDArray[np.intp]] = {
    part: np.flatnonzero([row.part == part for row in ROWS])
    for part in cast(tuple[Part, ...], ("balance", "income", "cash_flow"))
}


class Columns:
    """The reported rows of many stocks: ``values`` and ``statuses`` have the shape (rows, periods).

    Every period is in one currency, ``periods[i].currency``, by its major unit; a point in another currency is
    converted, or CURRENCY_UNRESOLVED. ``conversions`` holds the exchange rates that were used, by period;
    ``filled`` the trailing years some of whose rows are sums of their parts.
    """

    def __init__(self, stocks: Sequence[StockInput]) -> None:
        self.stocks = stocks
        self.periods: list[Period] = []
        for index, stock in enumerate(stocks):
            self.periods += line_up(index, stock.fundamentals.statements, len(self.periods))
        self.conversions: dict[int, list[Conversion]] = {}
        self.filled: set[int] = set()
        self.values = self._cells()
        with np.errstate(all="ignore"):
            self.values[~np.isfinite(self.values)] = np.nan
            self.statuses: Statuses = np.where(np.isnan(self.values), np.uint8(Status.MISSING_INPUT), np.uint8(0))
            self._settle_currencies()
            self._refuse_other_spans()
            self._put_years_together()
        self.present = {part: ~np.isnan(self.values[rows]).all(axis=0) for part, rows in _PART_ROWS.items()}

    def row(self, name: str) -> Amount:
        """One source row over all periods."""
        index = ROW_INDEX[name]
        return Amount(self.values[index], self.statuses[index])

    def between(self, stock: int, source: str | None, target: str | None) -> Conversion:
        """The conversion between two currencies by the rates of one stock."""
        return conversion(source, target, self.stocks[stock].rates)

    def _cells(self) -> Values:
        given = [(period.position, period.statement.lines) for period in self.periods if period.statement is not None]
        # Over a blank form the rows come in our order, and one that is not ours comes last.
        forms = (islice((_BLANK | lines).values(), len(_BLANK)) for _, lines in given)
        cells = np.fromiter(chain.from_iterable(forms), np.float64, len(given) * len(_BLANK))
        table = np.full((len(_BLANK), len(self.periods)), np.nan)
        table[:, [position for position, _ in given]] = cells.reshape(len(given), len(_BLANK)).T
        return table

    def _settle_currencies(self) -> None:
        for period in self.periods:
            if period.currency is not None:
                code, units = major(period.currency)
                if units != 1.0 and period.statement is not None:
                    self.values[_MONEY, period.position] *= units
                period.currency = code
            if period.statement is not None and period.statement.currencies:
                self._convert_points(period, period.statement.currencies)

    def _convert_points(self, period: Period, currencies: dict[str, str]) -> None:
        assert period.statement is not None
        for name, currency in currencies.items():
            index = ROW_INDEX.get(name)
            if index is None or not ROWS[index].is_money or name not in period.statement.lines:
                continue
            used = self.between(period.stock, currency, period.currency)
            self.values[index, period.position] = period.statement.lines[name] * used.factor
            if used.is_known:
                self.note(period, used)
            else:
                self.statuses[index, period.position] = Status.CURRENCY_UNRESOLVED

    def _refuse_other_spans(self) -> None:
        """A half-year's cash flow among a quarter's amounts meets nothing there."""
        for period in self.periods:
            for name in period.statement.spans if period.statement is not None else ():
                if name in _OVER_A_SPAN:
                    self.values[ROW_INDEX[name], period.position] = math.nan
                    self.statuses[ROW_INDEX[name], period.position] = Status.PERIOD_MISMATCH

    def _put_years_together(self) -> None:
        """Trailing years: flows of a reported year, gaps filled from their parts, the balance sheet of their end."""
        years = [period for period in self.periods if period.statement is None]
        self._copy([(year, year.flows_of) for year in years if year.flows_of >= 0], ~_AT_A_DATE)
        self._copy([(year, year.balance_of) for year in years if year.balance_of >= 0], _AT_A_DATE)
        for count in sorted({len(year.parts) for year in years} - {0}):
            self._fill_from_parts([year for year in years if len(year.parts) == count], count)
        for year in years:
            if year.mismatch:
                self.statuses[~_AT_A_DATE, year.position] = Status.PERIOD_MISMATCH
            if year.balance_mismatch:
                self.statuses[_AT_A_DATE, year.position] = Status.PERIOD_MISMATCH

    def _copy(self, pairs: list[tuple[Period, int]], rows: NDArray[np.bool_]) -> None:
        if pairs:
            places = np.ix_(np.flatnonzero(rows), _positions(year for year, _ in pairs))
            found = self._converted(pairs)
            self.values[places], self.statuses[places] = found.value[rows], found.status[rows]

    def _fill_from_parts(self, years: list[Period], count: int) -> None:
        """Rows that a year itself lacks: flows summed over its parts, share counts averaged, never summed."""
        parts = [self._converted([(year, year.parts[number]) for year in years]) for number in range(count)]
        total = sum(parts[1:], start=parts[0])
        total.value[_AVERAGED] /= count
        places = np.ix_(_ADDITIVE, _positions(years))
        values, statuses = self.values[places], self.statuses[places]
        gaps = (statuses == Status.MISSING_INPUT) & (total.status[_ADDITIVE] != Status.MISSING_INPUT)
        self.values[places] = np.where(gaps, total.value[_ADDITIVE], values)
        self.statuses[places] = np.where(gaps, total.status[_ADDITIVE], statuses)
        filled = gaps.any(axis=0)
        self.filled.update(year.position for year, is_filled in zip(years, filled.tolist(), strict=True) if is_filled)

    def _converted(self, pairs: list[tuple[Period, int]]) -> Amount:
        """All rows of each source period, in the currency of the year that it goes into: (rows, pairs)."""
        sources = [source for _, source in pairs]
        values, statuses = self.values[:, sources], self.statuses[:, sources]
        for number, (year, source) in enumerate(pairs):
            given = self.periods[source].currency
            if given == year.currency or given is None:
                continue
            used = self.between(year.stock, given, year.currency)
            self.note(year, used)
            values[_MONEY, number] *= used.factor
            if not used.is_known:
                known = _MONEY & (statuses[:, number] == Status.OK)
                statuses[known, number] = Status.CURRENCY_UNRESOLVED
        return Amount(values, statuses)

    def note(self, period: Period, used: Conversion) -> None:
        """Record that amounts of a period were converted so."""
        noted = self.conversions.setdefault(period.position, [])
        if used.rates and used not in noted:
            noted.append(used)


def _positions(periods: Iterable[Period]) -> NDArray[np.intp]:
    return np.array([period.position for period in periods], np.intp)
