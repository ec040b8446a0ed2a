"""Many stocks side by side: one array per statement row over all their periods, one Amount per line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from include.ratios.arithmetic import Amount, Statuses, Values
from include.ratios.currency import Conversion, conversion, major
from include.ratios.periods import Period, line_up
from include.ratios.statement import ROW_INDEX, ROWS, Kind, Part
from include.ratios.status import Status
from include.ratios.stock import StockInput

_NAMES = tuple(ROW_INDEX)
_MONEY = np.array([row.is_money for row in ROWS])
_AT_A_DATE = np.array([row.kind in (Kind.BALANCE, Kind.SHARES_AT) for row in ROWS])
_SUMMED = np.flatnonzero([row.kind in (Kind.FLOW, Kind.PER_SHARE) for row in ROWS])
_AVERAGED = np.flatnonzero([row.kind is Kind.SHARES_OVER for row in ROWS])
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
        empty = [None] * len(_NAMES)
        cells = [
            empty if period.statement is None else list(map(period.statement.lines.get, _NAMES))
            for period in self.periods
        ]
        table = np.array(cells, dtype=np.float64).reshape(len(self.periods), len(_NAMES))
        return np.ascontiguousarray(table.T)

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
                self._note(period, used)
            else:
                self.statuses[index, period.position] = Status.CURRENCY_UNRESOLVED

    def _put_years_together(self) -> None:
        for year in self.periods:
            if year.statement is not None:
                continue
            self._copy(year, year.flows_of, ~_AT_A_DATE)
            self._copy(year, year.balance_of, _AT_A_DATE)
            if year.parts:
                self._fill_with_parts(year)
            if year.mismatch:
                self.statuses[~_AT_A_DATE, year.position] = Status.PERIOD_MISMATCH
            if year.balance_mismatch:
                self.statuses[_AT_A_DATE, year.position] = Status.PERIOD_MISMATCH

    def _copy(self, year: Period, source: int, rows: NDArray[np.bool_]) -> None:
        if source >= 0:
            values, statuses = self._converted(year, source)
            self.values[rows, year.position] = values[rows]
            self.statuses[rows, year.position] = statuses[rows]

    def _fill_with_parts(self, year: Period) -> None:
        """Rows that the year itself lacks: flows summed over its parts, share counts averaged, never summed."""
        columns = [self._converted(year, part) for part in year.parts]
        value = np.sum([v for v, _ in columns], axis=0)
        status = np.max([s for _, s in columns], axis=0)
        value[_AVERAGED] /= len(columns)
        for rows in (_SUMMED, _AVERAGED):
            gaps = rows[
                (self.statuses[rows, year.position] == Status.MISSING_INPUT) & (status[rows] != Status.MISSING_INPUT)
            ]
            self.values[gaps, year.position] = value[gaps]
            self.statuses[gaps, year.position] = status[gaps]
            if gaps.size:
                self.filled.add(year.position)

    def _converted(self, year: Period, source: int) -> tuple[Values, Statuses]:
        """The column at ``source`` in the currency of ``year``."""
        values, statuses = self.values[:, source], self.statuses[:, source]
        given = self.periods[source].currency
        if given == year.currency or given is None:
            return values, statuses
        used = self.between(year.stock, given, year.currency)
        self._note(year, used)
        unresolved = _MONEY & (statuses == Status.OK) if not used.is_known else np.zeros_like(_MONEY)
        return (
            np.where(_MONEY, values * used.factor, values),
            np.where(unresolved, np.uint8(Status.CURRENCY_UNRESOLVED), statuses),
        )

    def _note(self, period: Period, used: Conversion) -> None:
        noted = self.conversions.setdefault(period.position, [])
        if used.rates and used not in noted:
            noted.append(used)
