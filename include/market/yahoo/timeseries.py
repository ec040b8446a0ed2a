"""fundamentals-timeseries: every asked type comes back, those without data with their ``meta`` only."""

from __future__ import annotations

import zlib
from calendar import timegm
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from include.market.world.company import Company
from include.market.world.rates import PER_DOLLAR
from include.market.world.statements import Books, Column
from include.market.world.world import World
from include.market.yahoo.numbers import short

_KEPT_SYMBOLS = 128
_KNOWN_IDS = {"TotalRevenue": 20100, "NetIncome": 20091, "TotalAssets": 23220, "OperatingCashFlow": 26014}
_FREQUENCIES = ("annual", "quarterly", "trailing")
_EVER = (-(2**62), 2**62)

Span = tuple[int, int]
"""Epoch seconds, both included."""


class Timeseries:
    """Renders each type of each company once, for as long as that company is asked about."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._series: OrderedDict[str, _Series] = OrderedDict()

    def body(self, symbol: str, types: Iterable[str], span: Span, *, padded: bool) -> bytes:
        """The answer's body. Types come in another order than asked, as from the real source."""
        series = self._of(symbol)
        whole = not padded and series.within(span)
        parts = [series.whole(name) if whole else series.render(name, span, padded=padded) for name in types]
        return ('{"timeseries":{"result":[' + ",".join(reversed(parts)) + '],"error":null}}').encode()

    def shares_body(self, symbol: str) -> bytes:
        """What is answered when no type is asked: the shares outstanding, month by month."""
        meta = f'{{"meta":{{"symbol":["{symbol}"],"type":["shares_out"]}}'
        company = self._world.company(symbol)
        if company is not None and not company.listed_without_shares:
            last = _timestamp(self._world.today)
            times = [last - 30 * 86_400 * ago for ago in range(17, -1, -1)]
            meta += f',"timestamp":{times},"shares_out":{[company.listed_shares] * len(times)}'
        return f'{{"timeseries":{{"result":[{meta}}}],"error":null}}}}'.encode()

    def _of(self, symbol: str) -> _Series:
        series = self._series.get(symbol)
        if series is None:
            company = self._world.company(symbol)
            series = self._series[symbol] = _Series(symbol, self._columns(company), self._ratios(company))
            if len(self._series) > _KEPT_SYMBOLS:
                self._series.popitem(last=False)
        self._series.move_to_end(symbol)
        return series

    def _columns(self, company: Company | None) -> dict[str, list[_Points]]:
        if company is None:
            return {}
        books = self._world.books(company)
        return {name: [_Points(books, column) for column in getattr(books, name)] for name in _FREQUENCIES}

    def _ratios(self, company: Company | None) -> dict[str, tuple[int, str]]:
        """Ready ratios of the last close by type: only the plain ones, and only where they mean anything."""
        if company is None or company.market_cap is None or company.financial_currency != company.region.major:
            return {}
        books = self._world.books(company)
        day = self._world.last_close(company.region).date()
        divisors = {"MarketCap": 1.0, "PeRatio": books.latest_net_income, "PsRatio": books.latest_revenue}
        divisors["PbRatio"] = books.latest_equity
        return {
            frequency + line: (_timestamp(day), _point(_data_id(line), _head(day, span, None), value))
            for frequency, span in (("quarterly", "3M"), ("trailing", "TTM"))
            for line, divisor in divisors.items()
            if divisor > 0 and (value := round(company.market_cap / divisor, 6))
        }


class _Points:
    """The points of one period, in two currencies where the company's statements are."""

    def __init__(self, books: Books, column: Column) -> None:
        self.at = _timestamp(column.end)
        self._lines = column.lines
        self._head = _head(column.end, column.span, books.currency)
        self._other: tuple[frozenset[str], str, float] | None = None
        if books.second_currency is not None:
            factor = PER_DOLLAR[books.second_currency] / PER_DOLLAR[books.currency]
            self._other = (books.lines_in_second, _head(column.end, column.span, books.second_currency), factor)

    def point(self, line: str, data_id: int) -> str | None:
        """A line's point, None if the period lacks it."""
        amount = self._lines.get(line)
        if amount is None:
            return None
        if self._other is not None and line in self._other[0]:
            return _point(data_id, self._other[1], round(amount * self._other[2], 4))
        return _point(data_id, self._head, amount)


class _Series:
    """Everything that is known of one symbol; nothing for an unknown one."""

    def __init__(self, symbol: str, columns: dict[str, list[_Points]], ratios: dict[str, tuple[int, str]]) -> None:
        self._meta = f'{{"meta":{{"symbol":["{symbol}"],"type":["'
        self._columns = columns
        self._ratios = ratios
        self._rendered: dict[str, str] = {}
        times = [points.at for found in columns.values() for points in found] + [at for at, _ in ratios.values()]
        self._oldest, self._newest = min(times, default=0), max(times, default=0)

    def within(self, span: Span) -> bool:
        """Whether nothing lies outside of ``span``."""
        return span[0] <= self._oldest and span[1] >= self._newest

    def whole(self, name: str) -> str:
        """One type's entry with all its points."""
        found = self._rendered.get(name)
        if found is None:
            found = self._rendered[name] = self.render(name, _EVER, padded=False)
        return found

    def render(self, name: str, span: Span, *, padded: bool) -> str:
        """One type's entry with its points in ``span``; ``padded`` has null for those that are missing."""
        points = [(at, point) for at, point in self._points(name) if span[0] <= at <= span[1]]
        if not padded:
            points = [(at, point) for at, point in points if point is not None]
        if not any(point for _, point in points):
            return f'{self._meta}{name}"]}}}}'
        times = ",".join([str(at) for at, _ in points])
        texts = ",".join([point or "null" for _, point in points])
        return f'{self._meta}{name}"]}},"timestamp":[{times}],"{name}":[{texts}]}}'

    def _points(self, name: str) -> list[tuple[int, str | None]]:
        if name in self._ratios:
            return [self._ratios[name]]
        for frequency, columns in self._columns.items():
            if name.startswith(frequency):
                line = name[len(frequency) :]
                data_id = _data_id(line)
                return [(points.at, points.point(line, data_id)) for points in columns]
        return []


@lru_cache(maxsize=1024)
def _data_id(line: str) -> int:
    return _KNOWN_IDS.get(line) or 20000 + zlib.crc32(line.encode()) % 10000


def _head(end: date, span: str, currency: str | None) -> str:
    code = "" if currency is None else f'"currencyCode":"{currency}",'
    return f'"asOfDate":"{end}","periodType":"{span}",{code}"reportedValue":{{"raw":'


def _point(data_id: int, head: str, amount: float) -> str:
    return f'{{"dataId":{data_id},{head}{amount},"fmt":"{short(amount)}"}}}}'


def _timestamp(day: date) -> int:
    return timegm((day.year, day.month, day.day, 0, 0, 0))
