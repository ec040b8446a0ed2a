"""Rows of ``financial_ratios`` side by side: one array for all of their numbers, one for all of their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from include.contracts.fundamentals import PeriodType, RatioRow

RowKey = tuple[str, PeriodType, date]
"""Symbol, period type, period end."""

_T = TypeVar("_T")


class RatioBatch(msgspec.Struct, frozen=True, eq=False):
    """The ratios of many stocks, the rows of one stock together.

    ``values`` and ``statuses`` have the shape (rows, ratios): a column per name of ``names``, a row per key of
    ``keys``. A value is NaN where there is no number and finite everywhere else; a status is a place in
    ``status_names``, 0 for OK. ``notes`` are the rows' provenance, plain data.
    """

    names: tuple[str, ...]
    status_names: tuple[str, ...]
    keys: Sequence[RowKey]
    values: NDArray[np.float64]
    statuses: NDArray[np.uint8]
    notes: Sequence[dict[str, object]]

    def rows(self) -> list[RatioRow]:
        """The same, one by one and by name: for people and for tests; it takes as long as the computation."""
        known = ~np.isnan(self.values)
        numbers = self._by_name(known, self.values[known].tolist())
        reasoned = self.statuses != 0
        said = np.array(self.status_names, np.object_)[self.statuses[reasoned]].tolist()
        return [
            RatioRow(*key, values, statuses, note)
            for key, values, statuses, note in zip(
                self.keys, numbers, self._by_name(reasoned, said), self.notes, strict=True
            )
        ]

    def count(self, status_name: str) -> int:
        """How many ratios have that status."""
        return int(np.count_nonzero(self.statuses == self.status_names.index(status_name)))

    def rows_with(self, status_name: str) -> list[bool]:
        """Per row, whether any of its ratios has that status."""
        found = np.any(self.statuses == self.status_names.index(status_name), axis=1)
        return [bool(one) for one in found]

    def by_symbol(self) -> dict[str, RatioBatch]:
        """The rows of each stock by themselves; nothing is copied."""
        ends = np.cumsum([len(list(same)) for _, same in groupby(self.keys, key=_symbol)]).tolist()
        return {self.keys[start][0]: self.part(start, end) for start, end in pairwise([0, *ends])}

    def part(self, start: int, end: int) -> RatioBatch:
        """The rows from ``start`` to before ``end``; nothing is copied."""
        of = slice(start, end)
        return RatioBatch(
            self.names, self.status_names, self.keys[of], self.values[of], self.statuses[of], self.notes[of]
        )

    def _by_name(self, where: NDArray[np.bool_], found: list[_T]) -> Iterator[dict[str, _T]]:
        """Per row, what was found at the places of ``where`` (rows, ratios), by the ratio's name."""
        names = np.array(self.names, np.object_)[np.nonzero(where)[1]].tolist()
        ends = np.cumsum(where.sum(axis=1)).tolist()
        for start, end in pairwise([0, *ends]):
            yield dict(zip(names[start:end], found[start:end], strict=True))


def _symbol(key: RowKey) -> str:
    return key[0]
