"""fundamentals-timeseries: every asked type comes back, those without data with their ``meta`` only."""

from __future__ import annotations

import zlib
from calendar import timegm
from collections import OrderedDict
from datetime import date

from include.market.world.company import Company
from include.market.world.rates import PER_DOLLAR
from include.market.world.statements import Books, Column
from include.market.world.world import World
from include.market.yahoo.numbers import short

_KEPT_SYMBOLS = 128
_KNOWN_IDS = {"TotalRevenue": 20100, "NetIncome": 20091, "TotalAssets": 23220, "OperatingCashFlow": 26014}
_FREQUENCIES = ("annual", "quarterly", "trailing")
_RATIOS = {
    "MarketCap", "EnterpriseValue", "PeRatio", "ForwardPeRatio", "PegRatio", "PsRatio", "PbRatio",
    "EnterprisesValueRevenueRatio", "EnterprisesValueEBITDARatio",
}  # fmt: skip


class Timeseries:
    """Renders each type of each company once, for as long as that company is asked about."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._fragments: OrderedDict[str, dict[str, bytes]] = OrderedDict()

    def body(self, symbol: str, types: list[str], period1: int | None, period2: int | None, *, padded: bool) -> bytes:
        """The answer's body. Types come in another order than asked, as from the real source."""
        fragments = self._cached(symbol)
        bounded = self._cuts(period1, period2) or padded
        parts = []
        for name in reversed(types):
            part = None if bounded else fragments.get(name)
            if part is None:
                part = self._render(symbol, name, period1, period2, padded=padded)
                if not bounded:
                    fragments[name] = part
            parts.append(part)
        return b'{"timeseries":{"result":[' + b",".join(parts) + b'],"error":null}}'

    def shares_body(self, symbol: str) -> bytes:
        """What is answered when no type is asked: the shares outstanding, month by month."""
        meta = f'{{"meta":{{"symbol":["{symbol}"],"type":["shares_out"]}}'
        company = self._world.company(symbol)
        if company is not None and not company.listed_without_shares:
            last = _timestamp(self._world.today)
            times = [last - 30 * 86_400 * ago for ago in range(17, -1, -1)]
            shares = [company.shares] * len(times)
            meta += f',"timestamp":{times},"shares_out":{shares}'
        return f'{{"timeseries":{{"result":[{meta}}}],"error":null}}}}'.encode()

    def _cached(self, symbol: str) -> dict[str, bytes]:
        fragments = self._fragments.setdefault(symbol, {})
        self._fragments.move_to_end(symbol)
        if len(self._fragments) > _KEPT_SYMBOLS:
            self._fragments.popitem(last=False)
        return fragments

    def _cuts(self, period1: int | None, period2: int | None) -> bool:
        """Whether the asked span may leave out anything that there is."""
        oldest = timegm((self._world.today.year - 8, 1, 1, 0, 0, 0))
        newest = _timestamp(self._world.today)
        return (period1 is not None and period1 > oldest) or (period2 is not None and period2 < newest)

    def _render(self, symbol: str, name: str, period1: int | None, period2: int | None, *, padded: bool) -> bytes:
        meta = f'{{"meta":{{"symbol":["{symbol}"],"type":["{name}"]}}'
        frequency = next((f for f in _FREQUENCIES if name.startswith(f)), None)
        company = self._world.company(symbol)
        if frequency is None or company is None:
            return (meta + "}").encode()
        line = name[len(frequency) :]
        if line in _RATIOS:
            points = self._ratio_points(company, frequency, line)
        else:
            points = _points(self._world.books(company), frequency, line)
        low, high = period1 or -(2**62), period2 or 2**62
        points = [(at, point) for at, point in points if low <= at <= high and (point is not None or padded)]
        if not any(point for _, point in points):
            return (meta + "}").encode()
        times = ",".join(str(at) for at, _ in points)
        texts = ",".join(point or "null" for _, point in points)
        return f'{meta},"timestamp":[{times}],"{name}":[{texts}]}}'.encode()

    def _ratio_points(self, company: Company, frequency: str, line: str) -> list[tuple[int, str | None]]:
        """Ready ratios, as of the last close: only the plain ones, and only where they mean anything."""
        books = self._world.books(company)
        if company.market_cap is None or frequency == "annual" or company.financial_currency != company.region.major:
            return []
        divisors = {
            "MarketCap": 1.0,
            "PeRatio": books.latest_net_income,
            "PsRatio": books.latest_revenue,
            "PbRatio": books.latest_equity,
        }
        divisor = divisors.get(line, 0.0)
        if divisor <= 0:
            return []
        day = self._world.last_close(company.region).date()
        value = round(company.market_cap / divisor, 6)
        span = "TTM" if frequency == "trailing" else "3M"
        return [(_timestamp(day), _point(line, day, span, None, value))]


def _points(books: Books, frequency: str, line: str) -> list[tuple[int, str | None]]:
    columns: tuple[Column, ...] = getattr(books, frequency)
    currency, factor = books.currency, 1.0
    if books.second_currency is not None and line in books.lines_in_second:
        currency = books.second_currency
        factor = PER_DOLLAR[currency] / PER_DOLLAR[books.currency]
    points: list[tuple[int, str | None]] = []
    for column in columns:
        amount = column.lines.get(line)
        if amount is not None and factor != 1.0:
            amount = round(amount * factor, 4)
        text = None if amount is None else _point(line, column.end, column.span, currency, amount)
        points.append((_timestamp(column.end), text))
    return points


def _point(line: str, end: date, span: str, currency: str | None, amount: float) -> str:
    known = _KNOWN_IDS.get(line) or 20000 + zlib.crc32(line.encode()) % 10000
    code = "" if currency is None else f'"currencyCode":"{currency}",'
    return (
        f'{{"dataId":{known},"asOfDate":"{end}","periodType":"{span}",{code}'
        f'"reportedValue":{{"raw":{amount},"fmt":"{short(amount)}"}}}}'
    )


def _timestamp(day: date) -> int:
    return timegm((day.year, day.month, day.day, 0, 0, 0))
