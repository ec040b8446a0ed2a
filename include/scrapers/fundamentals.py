"""All statements of one stock by one request: income, balance sheet and cash flow, every frequency.

The answer holds one entry per asked type (``annualTotalRevenue``), each with its points; a type
without data has only ``meta``. A point names its own period end, span and currency.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

import msgspec

from include.contracts.fundamentals import PERIOD_TYPES, Fundamentals, PeriodType, Statement
from include.errors import Transient
from include.scrapers.lenient import number, parsed, text
from include.scrapers.yahoo_answers import Envelope, unwrap

log = logging.getLogger(__name__)

_TYPE = re.compile(f"({'|'.join(PERIOD_TYPES)})(.+)")
_OVER_A_SPAN = ("TotalRevenue", "NetIncome", "PretaxIncome", "OperatingCashFlow")
_MONTHS = {"12M": 12, "TTM": 12, "9M": 9, "6M": 6, "3M": 3}
_OWN_SPAN: dict[PeriodType, int] = {"annual": 12, "quarterly": 3, "trailing": 12}
# Yahoo moves some ends to the end of their month; what ends later cannot have been reported yet.
_AHEAD = timedelta(days=31)


class _Amount(msgspec.Struct):
    raw: float | None = None


class _Point(msgspec.Struct, rename="camel"):
    as_of_date: str | None = None
    period_type: str | None = None
    currency_code: str | None = None
    reported_value: _Amount | None = None


_DAY_CHARS = len("2026-11-21")
T = TypeVar("T")

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
    about = f"the statements of {symbol}"
    try:
        return list(_series(_some(unwrap(_ANSWER.decode(body), "timeseries", about), about)))
    except msgspec.DecodeError as error:
        answer = msgspec.convert(parsed(body), dict[str, Envelope[list[object]]])
        log.warning("%s are not built as they should be (%s): what can be read of them is used", about, error)
        return list(_readable_series(_some(unwrap(answer, "timeseries", about), about)))


def _some(entries: list[T], about: str) -> list[T]:
    if not entries:
        # A symbol without statements still gets an entry per type; none at all is a refusal.
        raise Transient(f"Yahoo answered 200 without {about}; asked again later")
    return entries


def _series(entries: Iterable[dict[str, msgspec.Raw]]) -> Iterator[Series]:
    for entry in entries:
        for name, raw in entry.items():
            if name not in ("meta", "timestamp"):
                yield name, _POINTS.decode(raw)


def _readable_series(entries: Iterable[object]) -> Iterator[Series]:
    """What can be read of an answer that is not built as it should be."""
    for entry in entries:
        for name, points in entry.items() if isinstance(entry, dict) else ():
            if name not in ("meta", "timestamp") and isinstance(points, list):
                yield name, [_readable(point) for point in points if isinstance(point, dict)]


def _readable(point: Mapping[str, object]) -> _Point:
    return _Point(
        as_of_date=text(point.get("asOfDate")),
        period_type=text(point.get("periodType")),
        currency_code=text(point.get("currencyCode")),
        reported_value=_Amount(number(point.get("reportedValue"))),
    )


class _Draft:
    """A statement in the making: its lines, and what each says of currency and span."""

    def __init__(self, period_type: PeriodType) -> None:
        self.period_type = period_type
        self.lines: dict[str, float] = {}
        self.currencies: dict[str, str] = {}
        self.spans: dict[str, int] = {}

    def add(self, line: str, point: _Point, amount: float) -> None:
        """Take a line; of several points of one day the one of the period's own span, else the last."""
        own = _OWN_SPAN[self.period_type]
        span = _MONTHS.get(point.period_type or "")
        if self.spans.get(line) == own and span != own:
            return
        self.lines[line] = amount
        # What an earlier point of that day said was said of another amount.
        self.currencies.pop(line, None)
        self.spans.pop(line, None)
        if point.currency_code:
            self.currencies[line] = point.currency_code
        if span is not None:
            self.spans[line] = span

    def statement(self, period_end: date) -> Statement:
        counted = Counter(self.currencies.values()).most_common(1)
        currency = counted[0][0] if counted else None
        # A balance sheet covers no span, whatever its points say of one.
        told = [self.spans[line] for line in _OVER_A_SPAN if line in self.spans] or self.spans.values()
        counted_spans = Counter(told).most_common(1)
        months = counted_spans[0][0] if counted_spans else None
        return Statement(
            period_type=self.period_type,
            period_end=period_end,
            currency=currency,
            lines=self.lines,
            currencies={line: code for line, code in self.currencies.items() if code != currency},
            months=months,
            spans={line: span for line, span in self.spans.items() if span != months},
        )


def assemble(symbol: str, found: Iterable[Series], observed_at: datetime) -> Fundamentals:
    """Group the points of all types into statements, one per period type and period end."""
    drafts: dict[tuple[PeriodType, date], _Draft] = {}
    latest = observed_at.date() + _AHEAD
    for name, points in found:
        match = _TYPE.fullmatch(name)
        if match is None:
            continue
        period_type: PeriodType = match[1]  # type: ignore[assignment]
        for point in points:
            if point is None or point.as_of_date is None or point.reported_value is None:
                continue
            end = _day(point.as_of_date)
            if end is not None and point.reported_value.raw is not None:
                draft = drafts.setdefault((period_type, end), _Draft(period_type))
                draft.add(match[2], point, point.reported_value.raw)
    ahead = sorted({end for _, end in drafts if end > latest})
    if ahead:
        log.warning("%s: the periods to %s have not ended yet and are left out", symbol, ", ".join(map(str, ahead)))
    statements = [draft.statement(end) for (_, end), draft in drafts.items() if end <= latest]
    statements.sort(key=lambda s: (PERIOD_TYPES.index(s.period_type), s.period_end))
    return Fundamentals(symbol, observed_at, tuple(statements))


@lru_cache(maxsize=4096)
def _day(written: str) -> date | None:
    """The day of a period end, None where there is no such day."""
    try:
        return date.fromisoformat(written[:_DAY_CHARS])
    except ValueError:
        return None
