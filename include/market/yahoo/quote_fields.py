"""The fields of a quote, by what they are about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from include.market.world.company import Company
from include.market.world.prices import Day
from include.market.world.rates import rate

_MARKETS = {"us": "us_market", "gb": "gb_market", "de": "dr_market", "jp": "jp_market", "ca": "ca_market"}

_PRICES = (
    "regularMarketPrice", "regularMarketPreviousClose", "regularMarketOpen", "regularMarketDayHigh",
    "regularMarketDayLow", "bid", "ask", "fiftyDayAverage", "twoHundredDayAverage", "fiftyTwoWeekLow",
    "fiftyTwoWeekHigh",
)  # fmt: skip
_CHANGES = (
    "regularMarketChange", "regularMarketChangePercent", "fiftyDayAverageChange", "fiftyDayAverageChangePercent",
    "twoHundredDayAverageChange", "twoHundredDayAverageChangePercent", "fiftyTwoWeekLowChange",
    "fiftyTwoWeekLowChangePercent", "fiftyTwoWeekHighChange", "fiftyTwoWeekHighChangePercent",
    "fiftyTwoWeekChangePercent",
)  # fmt: skip
_COUNTS = ("regularMarketVolume", "bidSize", "askSize", "averageDailyVolume3Month", "averageDailyVolume10Day")

Fields = dict[str, Any]


def offset(company: Company, moment: datetime) -> tuple[str, int]:
    """The exchange's time zone as Yahoo shows it at ``moment``: short name, seconds from UTC."""
    local = moment.astimezone(ZoneInfo(company.region.timezone))
    shift = local.utcoffset()
    return local.tzname() or "", int(shift.total_seconds()) if shift else 0


def listing(company: Company, closed: datetime) -> Fields:
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


def prices(days: list[Day], at: int) -> Fields:
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


def orders(company: Company, closed: datetime) -> Fields:
    """Bid and ask; in the United States their sizes, a display name and what came after the session too."""
    price = company.price
    fields: Fields = {"bid": round(price * 0.999, 2), "ask": round(price * 1.001, 2)}
    if company.region.code != "us":
        return fields
    after = int((closed + timedelta(hours=4)).timestamp())
    return fields | {
        "bidSize": 2, "askSize": 1, "displayName": " ".join(company.name.split()[:2]), "postMarketTime": after,
        "postMarketPrice": price, "postMarketChange": 0.0, "postMarketChangePercent": 0.0,
    }  # fmt: skip


def expected(earned: float, price: float) -> Fields:
    """What analysts are said to expect of the earnings per share."""
    this_year, next_year = round(earned * 1.05 + 0.01, 4), round(earned * 1.1 + 0.02, 4)
    reported = int(datetime(2026, 2, 10, 21, 30, tzinfo=UTC).timestamp())
    times = ("earningsTimestamp", "earningsTimestampStart", "earningsTimestampEnd")
    calls = ("earningsCallTimestampStart", "earningsCallTimestampEnd")
    return {
        "epsCurrentYear": this_year, "epsForward": next_year, "isEarningsDateEstimate": True,
        "priceEpsCurrentYear": round(price / this_year, 6) if this_year else None,
        "forwardPE": round(price / next_year, 6) if next_year else None,
    } | dict.fromkeys((*times, *calls), reported)  # fmt: skip


def dividend(paid: float, share_of_price: float, moment: datetime) -> Fields:
    """Of those that pay one: the yield here is a percentage, that of the trailing year a fraction."""
    day = datetime(moment.year, 5, 15, tzinfo=UTC)
    return {"dividendRate": paid, "dividendYield": round(share_of_price * 100, 2), "dividendDate": int(day.timestamp())}


def currency_pair(symbol: str, base: str, quoted: str, moment: datetime) -> Fields:
    """The quote of what one ``base`` costs."""
    price = float(f"{rate(base, quoted) or 0.0:.7g}")
    at = int(moment.timestamp())
    unmoved, still, none = dict.fromkeys(_PRICES, price), dict.fromkeys(_CHANGES, 0.0), dict.fromkeys(_COUNTS, 0)
    return unmoved | still | none | {
        "language": "en-US", "region": "US", "quoteType": "CURRENCY", "typeDisp": "Currency",
        "quoteSourceName": "Delayed Quote", "triggerable": True, "customPriceAlertConfidence": "HIGH",
        "currency": quoted, "marketState": "REGULAR", "regularMarketTime": at, "exchange": "CCY",
        "fullExchangeName": "CCY", "market": "ccy_market", "exchangeTimezoneName": "Europe/London",
        "exchangeTimezoneShortName": "GMT", "gmtOffSetMilliseconds": 0, "esgPopulated": False, "tradeable": False,
        "cryptoTradeable": False, "priceHint": 4, "sourceInterval": 15, "exchangeDataDelayedBy": 0,
        "hasPrePostMarketData": False, "firstTradeDateMilliseconds": 1070236800000, "corporateActions": [],
        "messageBoardId": f"finmb_{base}_X", "regularMarketDayRange": f"{price} - {price}",
        "fiftyTwoWeekRange": f"{price} - {price}", "shortName": f"{base}/{quoted}", "longName": f"{base}/{quoted}",
        "symbol": symbol,
    }  # fmt: skip
