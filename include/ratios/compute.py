"""Statements in, ratios out: many stocks at once, in columns.

One stock is a batch of one; both give the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from include.contracts.fundamentals import RatioRow
from include.contracts.ratio_batch import RatioBatch
from include.ratios.arithmetic import Amount, representable
from include.ratios.catalog import CATALOG
from include.ratios.columns import Columns
from include.ratios.inputs import Inputs
from include.ratios.profiles import Profile
from include.ratios.provenance import provenance
from include.ratios.status import Status
from include.ratios.stock import StockInput

NAMES = tuple(CATALOG)
_STATUS_NAMES = tuple(status.name for status in Status)
_PROFILES = {kind: number for number, kind in enumerate(Profile)}
# What each ratio means for each kind of company: (profiles, ratios).
_VERDICTS = np.array([[one.applies_to(kind) for one in CATALOG.values()] for kind in _PROFILES], np.uint8)


def compute(stocks: Sequence[StockInput]) -> list[RatioRow]:
    """Every ratio of every reported period of these stocks, in the order of the stocks.

    Per stock: its annual periods, its quarterly ones, and its trailing year, each oldest first. A stock
    without statements has no row. Nothing here raises for what a source may say: what cannot be computed has
    a status.
    """
    return compute_batch(stocks).rows()


def compute_batch(stocks: Sequence[StockInput]) -> RatioBatch:
    """The same rows, left in columns: what is fast, and what a table takes."""
    inputs = Inputs(Columns(stocks))
    found = evaluate(inputs)
    symbols = [stock.fundamentals.symbol for stock in stocks]
    keys = [(symbols[period.stock], period.period_type, period.end) for period in inputs.periods]
    return RatioBatch(NAMES, _STATUS_NAMES, keys, found.value, found.status, provenance(inputs))


def evaluate(inputs: Inputs) -> Amount:
    """All ratios as one Amount of shape (periods, ratios); NaN where a status leaves no number."""
    values = np.empty((len(NAMES), len(inputs.periods)))
    statuses = np.empty(values.shape, np.uint8)
    # The functions without their guards: one guard for all of them is faster, and gives the same.
    with np.errstate(all="ignore"):
        for number, ratio in enumerate(CATALOG.values()):
            result = ratio.function(*inputs.of(ratio))
            values[number], statuses[number] = result.value, result.status
        found = representable(Amount(values.T, statuses.T))
    status = np.maximum(found.status, _verdicts(inputs))
    return Amount(np.where(status > Status.STALE, np.nan, found.value), status)


def _verdicts(inputs: Inputs) -> NDArray[np.uint8]:
    """What each ratio means for the company of each period: (periods, ratios)."""
    kinds = np.array([_PROFILES[stock.profile] for stock in inputs.columns.stocks], np.intp)
    return _VERDICTS[kinds[[period.stock for period in inputs.periods]]]
