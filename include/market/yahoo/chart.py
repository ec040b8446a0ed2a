"""Price history: v8/finance/chart and v7/finance/spark."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from include.market.world.company import Company
from include.market.world.prices import SESSIONS_PER_YEAR, Day, history
from include.market.world.rates import pair_of
from include.market.world.world import World
from include.market.yahoo.quote_fields import offset
from include.market.yahoo.quotes import Quotes

VALID_RANGES = ("1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max")
_SESSIONS = {"1d": 1, "5d": 5, "1mo": 21, "3mo": 63, "6mo": 126, "1y": 252, "2y": 504, "5y": 1260, "10y": 2520}
_MOST_SESSIONS = 10 * SESSIONS_PER_YEAR
_INTERVALS = {"1d": 1, "5d": 5, "1wk": 5, "1mo": 21, "3mo": 63}


class Charts:
    """Charts by the day or longer; within the day only the session's closing price."""

    def __init__(self, world: World, quotes: Quotes) -> None:
        self._world = world
        self._quotes = quotes

    def chart(self, symbol: str, query: dict[str, str]) -> dict[str, Any] | None:
        """One chart's result; None for an unknown symbol, or a currency pair (no history is made of them)."""
        company = self._world.company(symbol)
        if company is None or pair_of(symbol) is not None:
            return None
        span, interval = query.get("range", ""), query.get("interval", "1d")
        days = self._days(company, span, query.get("period1"), query.get("period2"))
        kept = days[:: -_INTERVALS.get(interval, 1)][::-1]
        result: dict[str, Any] = {"meta": self._meta(company, span, interval, days)}
        if not kept:
            empty: dict[str, Any] = {"quote": [{}]}
            return result | {"indicators": empty | ({"adjclose": [{}]} if interval in _INTERVALS else {})}
        result["timestamp"] = [int(day.at.timestamp()) for day in kept]
        names = ("open", "high", "low", "close", "volume")
        quote = {name: [getattr(day, name) for day in kept] for name in names}
        dividends = self._dividends(company, kept)
        if dividends and "div" in query.get("events", ""):
            result["events"] = {"dividends": dividends}
        indicators: dict[str, Any] = {"quote": [quote]}
        if interval in _INTERVALS:
            indicators["adjclose"] = [{"adjclose": list(quote["close"])}]
        return result | {"indicators": indicators}

    def spark(self, symbol: str, query: dict[str, str]) -> dict[str, Any] | None:
        """One symbol's closes."""
        chart = self.chart(symbol, query)
        if chart is None:
            return None
        closes = {"close": chart["indicators"]["quote"][0].get("close", [])}
        response = chart | {"indicators": {"quote": [closes]}}
        return {"symbol": symbol, "response": [response]}

    def _days(self, company: Company, span: str, period1: str | None, period2: str | None) -> list[Day]:
        closed = self._world.last_close(company.region)
        if span in _SESSIONS:
            return history(company, self._world.seed, closed, _SESSIONS[span])
        days = history(company, self._world.seed, closed, _MOST_SESSIONS)
        if span == "ytd":
            return [day for day in days if day.at.year == closed.year]
        low = int(period1) if period1 and period1.lstrip("-").isdigit() else -(2**62)
        high = int(period2) if period2 and period2.lstrip("-").isdigit() else 2**62
        return [day for day in days if low <= day.at.timestamp() < high]

    def _meta(self, company: Company, span: str, interval: str, days: list[Day]) -> dict[str, Any]:
        closed = self._world.last_close(company.region)
        fields = self._quotes.fields(company.symbol)
        zone, seconds = offset(company, closed)
        kept = [
            "currency",
            "symbol",
            "fullExchangeName",
            "regularMarketTime",
            "hasPrePostMarketData",
            "regularMarketPrice",
            "fiftyTwoWeekHigh",
            "fiftyTwoWeekLow",
            "regularMarketDayHigh",
            "regularMarketDayLow",
            "regularMarketVolume",
            "longName",
            "shortName",
            "priceHint",
            "exchangeTimezoneName",
        ]
        return {name: fields[name] for name in kept} | {
            "exchangeName": fields["exchange"],
            "instrumentType": "EQUITY",
            "firstTradeDate": fields["firstTradeDateMilliseconds"] // 1000,
            "gmtoffset": seconds,
            "timezone": zone,
            "chartPreviousClose": days[0].open if days else fields["regularMarketPreviousClose"],
            "currentTradingPeriod": _periods(company, closed, zone, seconds),
            "dataGranularity": interval,
            "range": span,
            "validRanges": list(VALID_RANGES),
        }

    def _dividends(self, company: Company, days: list[Day]) -> dict[str, Any]:
        books = self._world.books(company)
        if not books.dividends or company.market_cap is None:
            return {}
        amount = round(books.dividends / company.shares / 2, 4)
        paid = [day for before, day in pairwise(days) if day.at.month != before.at.month and day.at.month in (5, 11)]
        times = [int(day.at.timestamp()) for day in paid]
        return {str(at): {"amount": amount, "date": at} for at in times}


def _periods(company: Company, closed: datetime, zone: str, seconds: int) -> dict[str, Any]:
    opens, closes = company.region.opens, company.region.closes
    length = timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute)
    end = int(closed.timestamp())
    start = end - int(length.total_seconds())

    def period(begin: int, finish: int) -> dict[str, Any]:
        return {"timezone": zone, "start": begin, "end": finish, "gmtoffset": seconds}

    before, after = (19_800, 14_400) if company.region.code == "us" else (0, 0)
    return {"pre": period(start - before, start), "regular": period(start, end), "post": period(end, end + after)}
