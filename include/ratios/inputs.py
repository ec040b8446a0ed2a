"""What a ratio's parameter names ask for, over the reported periods of many stocks."""

from __future__ import annotations

from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from include.ratios.arithmetic import Amount, Values
from include.ratios.catalog import CATALOG
from include.ratios.columns import Columns
from include.ratios.lines import Lines
from include.ratios.periods import Period
from include.ratios.quoted import Quoted, price_period, quoted, spread
from include.ratios.ratio import Ratio
from include.ratios.rows import Kind
from include.ratios.statement import LINES, PREVIOUS, QUOTE_INPUTS
from include.ratios.status import Status

_OVER_A_PERIOD = (Kind.FLOW, Kind.PER_SHARE, Kind.SHARES_OVER, Kind.RATE)
_DAYS_PER_MONTH = 365 / 12
_ASKED_FOR = tuple(dict.fromkeys(name for ratio in CATALOG.values() for name in ratio.inputs))
SHARE_COUNTS = ("ordinary_shares", "diluted_shares")
MONEY_LINES = frozenset(name for name, line in LINES.items() if line.kind in (Kind.BALANCE, Kind.FLOW, Kind.PER_SHARE))


class Inputs:
    """All that the catalogue's ratios ask for, by parameter name; each a column over ``periods``, the reported ones."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.lines = Lines(columns)
        self.periods = [period for period in columns.periods if period.reported]
        self.positions = np.array([period.position for period in self.periods], np.intp)
        self.previous_positions = np.array([period.previous for period in self.periods], np.intp)
        self.quotes: list[Quoted | None] = [None] * len(columns.stocks)
        self.price_rows: list[int] = [0] * len(columns.stocks)
        with np.errstate(over="ignore", invalid="ignore"):
            self._place_quotes()
            self._columns = {name: self._make(name) for name in _ASKED_FOR}

    def __getitem__(self, name: str) -> Amount:
        return self._columns[name]

    def of(self, ratio: Ratio) -> list[Amount]:
        """The columns that a ratio's function takes, in order."""
        return [self._columns[name] for name in ratio.inputs]

    def _make(self, name: str) -> Amount:
        if name in QUOTE_INPUTS:
            return spread(self.quotes, self.price_rows, len(self.periods), name)
        if name == "days":
            days: Values = np.array([period.months * _DAYS_PER_MONTH for period in self.periods])
            return Amount(days, np.zeros(len(days), np.uint8))
        if name.startswith(PREVIOUS):
            return self._before(name.removeprefix(PREVIOUS))
        line = self.lines[name]
        return Amount(line.value[self.positions], line.status[self.positions])

    def _before(self, name: str) -> Amount:
        line, there = self.lines[name], self.previous_positions >= 0
        value = np.where(there, line.value[self.previous_positions], np.nan)
        status = np.where(there, line.status[self.previous_positions], np.uint8(Status.MISSING_PRIOR_PERIOD))
        absent = (status == Status.MISSING_INPUT) | (status == Status.NOT_REPORTED)
        status = np.where(absent, np.uint8(Status.MISSING_PRIOR_PERIOD), status)
        before = Amount(value, status)
        if name in MONEY_LINES:
            factor = self._previous_factor
            before = Amount(value * factor, status).refused(np.isnan(factor) & before.known, Status.CURRENCY_UNRESOLVED)
        if LINES[name].kind in _OVER_A_PERIOD:
            before = before.refused(self._unequal & before.known, Status.PERIOD_MISMATCH)
        return before

    @cached_property
    def _unequal(self) -> NDArray[np.bool_]:
        """Where the previous period is of another length."""
        all_periods = self.columns.periods
        unequal = [p.previous >= 0 and all_periods[p.previous].months != p.months for p in self.periods]
        return np.array(unequal, dtype=np.bool_)

    @cached_property
    def _previous_factor(self) -> Values:
        """What the previous period's money is in this period's currency; NaN where no rate is known."""
        factors = np.ones(len(self.periods))
        for index, period in enumerate(self.periods):
            if period.previous >= 0:
                before = self.columns.periods[period.previous].currency
                if before != period.currency:
                    used = self.columns.between(period.stock, before, period.currency)
                    self.columns.note(period, used)
                    factors[index] = used.factor
        return factors

    def _place_quotes(self) -> None:
        row_of = {position: row for row, position in enumerate(self.positions.tolist())}
        counts = [self.lines[name].value for name in SHARE_COUNTS]
        for stock, group in groupby(self.columns.periods, key=_stock_of):
            at = price_period(list(group))
            if at is not None:
                self.price_rows[stock] = row_of[at.position]
                one = self.columns.stocks[stock]
                # Where the statements do not name their currency, the quote may.
                currency = at.currency or (one.quote.financial_currency if one.quote else None)
                self.quotes[stock] = quoted(one, currency, *(float(count[at.position]) for count in counts))


def _stock_of(period: Period) -> int:
    return period.stock
