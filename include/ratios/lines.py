"""From source rows to lines: the first alternative that is there, and what absence means."""

from __future__ import annotations

import numpy as np

from include.ratios.arithmetic import Amount, Statuses, representable, somewhere
from include.ratios.columns import Columns
from include.ratios.rows import ROW_INDEX
from include.ratios.statement import LINES, Absence, Line, Term
from include.ratios.status import Status

TAKEN_AS_NONE = 255


class Lines:
    """The lines of many periods, each resolved once, when first asked for.

    A sum may overflow on the way: ask within ``np.errstate``. What floats cannot hold is NOT_MEANINGFUL.
    ``used[name]`` says per period which alternative was taken: 0 is the first choice, ``TAKEN_AS_NONE`` an
    adjustment that the company does not report.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.used: dict[str, Statuses] = {}
        self._resolved: dict[str, Amount] = {}

    def __getitem__(self, name: str) -> Amount:
        found = self._resolved.get(name)
        if found is None:
            found = self._resolved[name] = representable(self._resolve(LINES[name]))
        return found

    def _resolve(self, line: Line) -> Amount:
        result = self._sum(line.alternatives[0])
        used: Statuses = np.zeros(result.status.shape, np.uint8)
        for number, terms in enumerate(line.alternatives[1:], start=1):
            gaps = ~result.known
            if not somewhere(gaps):
                break
            other = self._sum(terms)
            taken = gaps & other.known
            graver = np.where(gaps, np.maximum(result.status, other.status), result.status)
            result = Amount(np.where(taken, other.value, result.value), np.where(taken, other.status, graver))
            used[taken] = number
        self.used[line.name] = used
        if line.goes_out and somewhere(result.value < 0):
            result = result.refused(result.value < 0, Status.NOT_MEANINGFUL)
        return result if line.absence is Absence.MISSING else self._explain_absence(line, result)

    def _explain_absence(self, line: Line, result: Amount) -> Amount:
        absent = (result.status == Status.MISSING_INPUT) & self.columns.present[line.part]
        if not somewhere(absent):
            return result
        if line.absence is Absence.NOT_REPORTED:
            return result.refused(absent, Status.NOT_REPORTED)
        self.used[line.name][absent] = TAKEN_AS_NONE
        return Amount(np.where(absent, 0.0, result.value), np.where(absent, np.uint8(0), result.status))

    def _sum(self, terms: tuple[Term, ...]) -> Amount:
        first, *others = (self._signed(term) for term in terms)
        return sum(others, start=first)

    def _signed(self, term: Term) -> Amount:
        found = self.columns.row(term.name) if term.name in ROW_INDEX else self[term.name]
        return -found if term.sign < 0 else found
