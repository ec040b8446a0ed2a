"""All statements of one stock by one request: income, balance sheet and cash flow, every frequency.

The answer holds one entry per asked type (``annualTotalRevenue``), each with its points; a type
without data has only ``meta``. A point names its own period end, span and currency.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import msgspec

from include.contracts.fundamentals import PERIOD_TYPES, Fundamentals, PeriodType, Statement
from include.errors import Transient
from include.scrapers.yahoo_answers import Envelope, unwrap

_TYPE = re.compile(f"({'|'.join(PERIOD_TYPES)})(.+)")
_MONTHS = {"12M": 12, "TTM": 12, "9M": 9, "6M": 6, "3M": 3}


class _Amount(msgspec.Struct):
    raw: float | None = None


class _Point(msgspec.Struct, rename="camel"):
    as_of_date: str | None = None
    period_type: str | None = None
    currency_code: str | None = None
    reported_value: _Amount | None = None


Series = tuple[str, list[_Point | None]]
"""A type and its points; a padded answer has null points."""

_ANSWER = msgspec.json.Decoder(dict[str, Envelope[list[dict[str, msgspec.Raw]]]])
_POINTS = msgspec.json.Decoder(list[_Point | None])


def read(symbol: str, body: bytes, observed_at: datetime) -> Fundamentals:
    """The statements of one answer.

    No statement at all is an answer too: the source has none of this symbol. Raises
    msgspec.DecodeError for what is no such answer, Transient or NotFound for a refusal.
    """
    return assemble(symbol, series(symbol, body), observed_at)


def series(symbol: str, body: bytes) -> list[Series]:
    """Every type of one answer that carries points. Raises as ``read``."""
    entries = unwrap(_ANSWER.decode(body), "timeseries", f"the statements of {symbol}")
    if not entries:
        # A symbol without statements still gets an entry per type; none at all is a refusal.
        raise Transient(f"Yahoo answered 200 without the statements of {symbol}; asked again later")
    return list(_series(entries))


def _series(entries: Iterable[dict[str, msgspec.Raw]]) -> Iterator[Series]:
    for entry in entries:
        for name, raw in entry.items():
            if name not in ("meta", "timestamp"):
                yield name, _POINTS.decode(raw)


class _Draft:
    """A statement in the making: its lines, and what each says of currency and span."""

    def __init__(self) -> None:
        self.lines: dict[str, float] = {}
        self.currencies: dict[str, str] = {}
        self.spans: Counter[str] = Counter()

    def add(self, line: str, point: _Point, amount: float) -> None:
        self.lines[line] = amount
        if point.currency_code is not None:
            self.currencies[line] = point.currency_code
        if point.period_type is not None:
            self.spans[point.period_type] += 1

    def statement(self, period_type: PeriodType, period_end: date) -> Statement:
        counted = Counter(self.currencies.values()).most_common(1)
        currency = counted[0][0] if counted else None
        span = self.spans.most_common(1)
        return Statement(
            period_type=period_type,
            period_end=period_end,
            currency=currency,
            lines=self.lines,
            currencies={line: code for line, code in self.currencies.items() if code != currency},
            months=_MONTHS.get(span[0][0]) if span else None,
        )


def assemble(symbol: str, found: Iterable[Series], observed_at: datetime) -> Fundamentals:
    """Group the points of all types into statements, one per period type and period end."""
    drafts: dict[tuple[PeriodType, str], _Draft] = {}
    for name, points in found:
        match = _TYPE.fullmatch(name)
        if match is None:
            continue
        period_type: PeriodType = match[1]  # type: ignore[assignment]
        for point in points:
            if point is None or point.as_of_date is None or point.reported_value is None:
                continue
            if point.reported_value.raw is not None:
                draft = drafts.setdefault((period_type, point.as_of_date), _Draft())
                draft.add(match[2], point, point.reported_value.raw)
    statements = [draft.statement(kind, date.fromisoformat(end)) for (kind, end), draft in drafts.items()]
    statements.sort(key=lambda s: (PERIOD_TYPES.index(s.period_type), s.period_end))
    return Fundamentals(symbol, observed_at, tuple(statements))
