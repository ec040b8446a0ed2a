"""Statements in, rows of ratios out: many stocks at once, in columns.

One stock is a batch of one; both give the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from include.contracts.fundamentals import RatioRow
from include.ratios.arithmetic import Amount, Statuses, Values
from include.ratios.catalog import CATALOG
from include.ratios.columns import Columns
from include.ratios.inputs import Inputs
from include.ratios.profiles import Profile
from include.ratios.provenance import provenance
from include.ratios.ratio import Ratio
from include.ratios.status import Status
from include.ratios.stock import StockInput

NAMES = tuple(CATALOG)
_NAME_COLUMN = np.array(NAMES, dtype=object)
_STATUS_NAMES = np.array([status.name for status in Status], dtype=object)
_OK, _STALE = int(Status.OK), int(Status.STALE)
_T = TypeVar("_T")
PROFILES = tuple(Profile)


def compute(stocks: Sequence[StockInput]) -> list[RatioRow]:
    """Every ratio of every reported period of these stocks, in the order of the stocks.

    Per stock: its annual periods, its quarterly ones, and its trailing year, each oldest first. A stock
    without statements has no row. Nothing here raises for what a source may say: what cannot be computed has
    a status.
    """
    inputs = Inputs(Columns(stocks))
    values, statuses = evaluate(inputs)
    return _rows(inputs, values, statuses)


def evaluate(inputs: Inputs) -> tuple[Values, Statuses]:
    """All ratios as two arrays of shape (periods, ratios): values, NaN where there is none, and statuses."""
    kinds = np.array([PROFILES.index(stock.profile) for stock in inputs.columns.stocks], np.intp)
    by_period = kinds[[period.stock for period in inputs.periods]] if inputs.periods else kinds[:0]
    values = np.empty((len(inputs.periods), len(NAMES)))
    statuses = np.empty(values.shape, np.uint8)
    for column, ratio in enumerate(CATALOG.values()):
        result = judged(ratio, ratio(*inputs.of(ratio)), by_period)
        values[:, column], statuses[:, column] = result.value, result.status
    return values, statuses


def judged(ratio: Ratio, result: Amount, kinds: NDArray[np.intp]) -> Amount:
    """The result, without a number where the ratio means nothing for that kind of company (one per period)."""
    if not ratio.not_for and not ratio.only_for:
        return result
    verdicts = _VERDICTS[ratio.name][kinds]
    return Amount(np.where(verdicts, np.nan, result.value), np.maximum(result.status, verdicts))


_VERDICTS = {one.name: np.array([one.applies_to(kind) for kind in PROFILES], np.uint8) for one in CATALOG.values()}


def _rows(inputs: Inputs, values: Values, statuses: Statuses) -> list[RatioRow]:
    known, reasoned = statuses <= _STALE, statuses != _OK
    return [
        RatioRow(
            inputs.columns.stocks[period.stock].fundamentals.symbol,
            period.period_type,
            period.end,
            numbers,
            reasons,
            note,
        )
        for period, numbers, reasons, note in zip(
            inputs.periods,
            _by_name(known, values[known].tolist()),
            _by_name(reasoned, _STATUS_NAMES[statuses[reasoned]].tolist()),
            provenance(inputs),
            strict=True,
        )
    ]


def _by_name(where: NDArray[np.bool_], found: list[_T]) -> Iterator[dict[str, _T]]:
    """Per row of ``where`` (periods, ratios), what was found at its places, by the ratio's name."""
    names = _NAME_COLUMN[np.nonzero(where)[1]].tolist()
    ends = np.cumsum(where.sum(axis=1)).tolist()
    for start, end in pairwise([0, *ends]):
        yield dict(zip(names[start:end], found[start:end], strict=True))
