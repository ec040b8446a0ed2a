"""Quotes as v7/finance/quote and the screener give them: stocks and currency pairs, unknown symbols absent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from include.market.world.company import Company
from include.market.world.prices import SESSIONS_PER_YEAR, Day, history
from include.market.world.rates import pair_of, rate
from include.market.world.world import World
from include.market.yahoo.recorded import Recorded

_KEPT_QUOTES = 20_000
_MARKETS = {"us": "us_market", "gb": "gb_market", "de": "dr_market", "jp": "jp_market", "ca": "ca_market"}


class Quotes:
    """Renders each company's quote once: nothing of it moves while the world stands still."""

    def __init__(self, world: World, recorded: Recorded) -> None:
        self._world = world
        self._recorded = recorded.quotes
        self.fields = lru_cache(_KEPT_QUOTES // 4)(self._fields)
        self.rendered = lru_cache(_KEPT_QUOTES)(self._rendered)

    def body(self, symbols: Iterable[str]) -> bytes:
        """The answer of v7/finance/quote, in the order asked, each symbol once."""
        found = (self.rendered(symbol) for symbol in dict.fromkeys(symbols))
        return b'{"quoteResponse":{"result":[' + b",".join(q for q in found if q) + b'],"error":null}}'

    def _rendered(self, symbol: str) -> bytes:
        if symbol in self._recorded:
            return msgspec.json.encode(self._recorded[symbol])
        company = self._world.company(symbol)
        if company is not None:
            return msgspec.json.encode(self.fields(symbol))
        pair = pair_of(symbol)
        return b"" if pair is None else msgspec.json.encode(self._pair(symbol, *pair))

    def _fields(self, symbol: str) -> dict[str, Any]:
        if symbol in self._recorded:
            return self._recorded[symbol]
        company = self._world.company(symbol)
        if company is None:
            raise KeyError(symbol)
        closed = self._world.last_close(company.region)
        days = history(company, self._world.seed, closed, SESSIONS_PER_YEAR)
        fields = _head(company, closed) | _prices(days, int(closed.timestamp()))
        fields |= {"currency": company.region.currency, "financialCurrency": company.financial_currency}
        return fields | self._valuation(company) | {"shortName": company.name[:30], "symbol": symbol}

    def _valuation(self, company: Company) -> dict[str, Any]:
        if company.market_cap is None:
            return {}
        books = self._world.books(company)
        rate_ = rate(company.financial_currency, company.region.major) or 1.0
        price = company.price / company.region.minor_per_major
        # Earnings come in the price's major unit, book value and dividends in the statements' currency.
        earned = round(books.latest_net_income * rate_ / company.shares, 3)
        book = round(books.latest_equity / company.shares, 3)
        paid = round(books.dividends / company.shares, 4)
        fields: dict[str, Any] = {
            "marketCap": company.market_cap,
            "sharesOutstanding": company.shares,
            "impliedSharesOutstanding": company.shares,
            "epsTrailingTwelveMonths": earned,
            "bookValue": book,
            "priceToBook": round(price / book, 6) if book else None,
            "trailingAnnualDividendRate": paid,
            "trailingAnnualDividendYield": round(paid * rate_ / price, 8),
        }
        if earned > 0:
            fields["trailingPE"] = round(price / earned, 6)
        return {name: value for name, value in fields.items() if value is not None}

    def _pair(self, symbol: str, base: str, quoted: str) -> dict[str, Any]:
        price = rate(base, quoted) or 0.0
        moment = int(self._world.moment.timestamp())
        shown = float(f"{price:.7g}")
        return {
            "language": "en-US", "region": "US", "quoteType": "CURRENCY", "typeDisp": "Currency",
            "quoteSourceName": "Delayed Quote", "triggerable": True, "customPriceAlertConfidence": "HIGH",
            "currency": quoted, "marketState": "REGULAR", "regularMarketPrice": shown,
            "regularMarketPreviousClose": shown, "regularMarketChange": 0.0, "regularMarketChangePercent": 0.0,
            "regularMarketTime": moment, "exchange": "CCY", "fullExchangeName": "CCY", "market": "ccy_market",
            "exchangeTimezoneName": "Europe/London", "exchangeTimezoneShortName": "GMT", "gmtOffSetMilliseconds": 0,
            "esgPopulated": False, "tradeable": False, "cryptoTradeable": False, "priceHint": 4,
            "sourceInterval": 15, "exchangeDataDelayedBy": 0, "shortName": f"{base}/{quoted}",
            "longName": f"{base}/{quoted}", "symbol": symbol,
        }  # fmt: skip


def offset(company: Company, moment: datetime) -> tuple[str, int]:
    """The exchange's time zone as Yahoo shows it at ``moment``: short name, seconds from UTC."""
    local = moment.astimezone(ZoneInfo(company.region.timezone))
    shift = local.utcoffset()
    return local.tzname() or "", int(shift.total_seconds()) if shift else 0


def _head(company: Company, closed: datetime) -> dict[str, Any]:
    short_zone, seconds = offset(company, closed)
    return {
        "language": "en-US", "region": "US", "quoteType": "EQUITY", "typeDisp": "Equity",
        "quoteSourceName": "Nasdaq Real Time Price" if company.region.code == "us" else "Delayed Quote",
        "triggerable": company.region.code == "us", "customPriceAlertConfidence": "LOW",
        "longName": company.name, "exchange": company.exchange.code, "fullExchangeName": company.exchange.name,
        "exchangeTimezoneName": company.region.timezone, "exchangeTimezoneShortName": short_zone,
        "gmtOffSetMilliseconds": seconds * 1000, "market": _MARKETS.get(company.region.code, "no_market"),
        "marketState": "CLOSED", "esgPopulated": False, "tradeable": False, "cryptoTradeable": False,
        "sourceInterval": 15, "exchangeDataDelayedBy": 0 if company.region.code == "us" else 15,
        "hasPrePostMarketData": company.region.code == "us", "priceHint": 2, "corporateActions": [],
        "firstTradeDateMilliseconds": int(datetime(2004, 1, 5, tzinfo=UTC).timestamp() * 1000),
        "messageBoardId": f"finmb_{company.shares}", "averageAnalystRating": "2.3 - Buy",
    }  # fmt: skip


def _prices(days: list[Day], at: int) -> dict[str, Any]:
    last, before = days[-1], days[-2]
    closes = [day.close for day in days]
    high, low = max(d.high for d in days), min(d.low for d in days)
    change = last.close - before.close
    volumes = [day.volume for day in days]
    fifty, two_hundred = sum(closes[-50:]) / 50, sum(closes[-200:]) / 200
    return {
        "regularMarketPrice": last.close, "regularMarketTime": at, "regularMarketOpen": last.open,
        "regularMarketDayHigh": last.high, "regularMarketDayLow": last.low,
        "regularMarketDayRange": f"{last.low} - {last.high}", "regularMarketVolume": last.volume,
        "regularMarketPreviousClose": before.close, "regularMarketChange": round(change, 6),
        "regularMarketChangePercent": round(change / before.close * 100, 6),
        "averageDailyVolume3Month": sum(volumes[-63:]) // 63, "averageDailyVolume10Day": sum(volumes[-10:]) // 10,
        "fiftyTwoWeekLow": low, "fiftyTwoWeekHigh": high, "fiftyTwoWeekRange": f"{low} - {high}",
        "fiftyTwoWeekLowChange": round(last.close - low, 6),
        "fiftyTwoWeekLowChangePercent": round((last.close - low) / low, 6),
        "fiftyTwoWeekHighChange": round(last.close - high, 6),
        "fiftyTwoWeekHighChangePercent": round((last.close - high) / high, 6),
        "fiftyTwoWeekChangePercent": round((last.close / closes[0] - 1) * 100, 6),
        "fiftyDayAverage": round(fifty, 4), "fiftyDayAverageChange": round(last.close - fifty, 6),
        "fiftyDayAverageChangePercent": round(last.close / fifty - 1, 6),
        "twoHundredDayAverage": round(two_hundred, 4),
        "twoHundredDayAverageChange": round(last.close - two_hundred, 6),
        "twoHundredDayAverageChangePercent": round(last.close / two_hundred - 1, 6),
    }  # fmt: skip
