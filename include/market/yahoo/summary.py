"""v10/finance/quoteSummary: the modules of one symbol, plain or formatted."""

from __future__ import annotations

from calendar import timegm
from datetime import date
from typing import Any

from include.market.world.company import Company
from include.market.world.rates import rate
from include.market.world.statements import Books
from include.market.world.world import World
from include.market.yahoo.numbers import formatted
from include.market.yahoo.quotes import Quotes

# Numbers that are never formatted, whatever is asked.
_ALWAYS_PLAIN = frozenset({"maxAge", "fullTimeEmployees", "gmtOffSetMilliseconds", "firstTradeDateEpochUtc"})


class Summaries:
    """Modules made of a company's quote and books."""

    def __init__(self, world: World, quotes: Quotes) -> None:
        self._world = world
        self._quotes = quotes
        self._modules = {
            "assetProfile": self._profile,
            "summaryProfile": self._profile,
            "quoteType": self._quote_type,
            "price": self._price,
            "summaryDetail": self._detail,
            "defaultKeyStatistics": self._statistics,
            "financialData": self._financial_data,
        }

    def result(self, symbol: str, modules: list[str], *, as_formatted: bool) -> dict[str, Any] | None:
        """Module -> fields; modules that there are none of are absent. None for an unknown symbol."""
        company = self._world.company(symbol)
        if company is None:
            return None
        found = {name: self._modules[name](company) for name in modules if name in self._modules}
        return {name: _formatted(fields) if as_formatted else fields for name, fields in found.items()}

    def _profile(self, company: Company) -> dict[str, Any]:
        industry, sector = company.industry.name, company.industry.sector
        return {
            "country": company.region.name, "website": f"https://www.{company.symbol.split('.')[0].lower()}.example",
            "industry": industry, "industryKey": _key(industry), "industryDisp": industry, "sector": sector,
            "sectorKey": _key(sector), "sectorDisp": sector, "longBusinessSummary": f"{company.name} is made up.",
            "fullTimeEmployees": max(3, company.shares // 10_000), "companyOfficers": [], "executiveTeam": [],
            "maxAge": 86400,
        }  # fmt: skip

    def _quote_type(self, company: Company) -> dict[str, Any]:
        fields = self._quotes.fields(company.symbol)
        return {
            "exchange": fields["exchange"], "quoteType": "EQUITY", "symbol": company.symbol,
            "underlyingSymbol": company.symbol, "shortName": fields["shortName"], "longName": fields["longName"],
            "firstTradeDateEpochUtc": fields["firstTradeDateMilliseconds"] // 1000,
            "timeZoneFullName": fields["exchangeTimezoneName"],
            "timeZoneShortName": fields["exchangeTimezoneShortName"], "uuid": _uuid(company),
            "messageBoardId": fields["messageBoardId"], "gmtOffSetMilliseconds": fields["gmtOffSetMilliseconds"],
            "maxAge": 1,
        }  # fmt: skip

    def _price(self, company: Company) -> dict[str, Any]:
        fields = self._quotes.fields(company.symbol)
        kept = [
            "regularMarketChange",
            "regularMarketTime",
            "priceHint",
            "regularMarketPrice",
            "regularMarketDayHigh",
            "regularMarketDayLow",
            "regularMarketVolume",
            "averageDailyVolume10Day",
            "averageDailyVolume3Month",
            "regularMarketPreviousClose",
            "regularMarketOpen",
            "exchange",
            "exchangeDataDelayedBy",
            "marketState",
            "quoteType",
            "symbol",
            "shortName",
            "longName",
            "currency",
            "quoteSourceName",
            "marketCap",
        ]
        price = {name: fields[name] for name in kept if name in fields}
        change = round(fields["regularMarketChangePercent"] / 100, 10)
        names = {"exchangeName": fields["fullExchangeName"], "underlyingSymbol": None}
        return {"maxAge": 1, "regularMarketChangePercent": change} | price | names

    def _detail(self, company: Company) -> dict[str, Any]:
        fields = self._quotes.fields(company.symbol)
        names = {
            "previousClose": "regularMarketPreviousClose", "open": "regularMarketOpen", "dayLow": "regularMarketDayLow",
            "dayHigh": "regularMarketDayHigh", "regularMarketPreviousClose": "regularMarketPreviousClose",
            "regularMarketOpen": "regularMarketOpen", "regularMarketDayLow": "regularMarketDayLow",
            "regularMarketDayHigh": "regularMarketDayHigh", "volume": "regularMarketVolume",
            "regularMarketVolume": "regularMarketVolume", "averageVolume": "averageDailyVolume3Month",
            "averageVolume10days": "averageDailyVolume10Day", "averageDailyVolume10Day": "averageDailyVolume10Day",
            "marketCap": "marketCap", "fiftyTwoWeekLow": "fiftyTwoWeekLow", "fiftyTwoWeekHigh": "fiftyTwoWeekHigh",
            "fiftyDayAverage": "fiftyDayAverage", "twoHundredDayAverage": "twoHundredDayAverage",
            "trailingAnnualDividendRate": "trailingAnnualDividendRate",
            "trailingAnnualDividendYield": "trailingAnnualDividendYield", "trailingPE": "trailingPE",
            "currency": "currency", "priceHint": "priceHint", "tradeable": "tradeable",
        }  # fmt: skip
        detail = {ours: fields[theirs] for ours, theirs in names.items() if theirs in fields}
        return {"maxAge": 1} | detail | {"fromCurrency": None, "toCurrency": None, "lastMarket": None}

    def _statistics(self, company: Company) -> dict[str, Any]:
        fields, books = self._quotes.fields(company.symbol), self._world.books(company)
        latest = (books.quarterly or books.annual)[-1]
        statistics = {
            "maxAge": 1, "priceHint": 2, "lastFiscalYearEnd": _seconds(books.annual[-1].end),
            "mostRecentQuarter": _seconds(latest.end), "netIncomeToCommon": books.latest_net_income,
            "profitMargins": round(books.latest_net_income / books.latest_revenue, 5), "category": None,
        }  # fmt: skip
        names = {
            "sharesOutstanding": "sharesOutstanding",
            "bookValue": "bookValue", "priceToBook": "priceToBook", "trailingEps": "epsTrailingTwelveMonths",
        }  # fmt: skip
        if company.market_cap is not None:
            statistics["impliedSharesOutstanding"] = company.shares
        return statistics | {ours: fields[theirs] for ours, theirs in names.items() if theirs in fields}

    def _financial_data(self, company: Company) -> dict[str, Any]:
        books = self._world.books(company)
        data: dict[str, Any] = {"maxAge": 86400, "currentPrice": company.price, "recommendationKey": "none"}
        return data | _ready_ratios(books, company) | {"financialCurrency": company.financial_currency}


def _ready_ratios(books: Books, company: Company) -> dict[str, Any]:
    """Yahoo's own figures: debtToEquity is a percentage, the others are fractions."""
    balance = (books.quarterly or books.annual)[-1].lines
    flows = (books.trailing or books.annual)[-1].lines
    revenue, equity = flows["TotalRevenue"], balance["StockholdersEquity"]
    data: dict[str, Any] = {
        "totalCash": balance["CashAndCashEquivalents"], "totalDebt": balance["TotalDebt"], "totalRevenue": revenue,
        "profitMargins": round(flows["NetIncome"] / revenue, 5), "operatingCashflow": flows["OperatingCashFlow"],
        "freeCashflow": flows["FreeCashFlow"],
    }  # fmt: skip
    if equity > 0:
        data["debtToEquity"] = round(balance["TotalDebt"] / equity * 100, 3)
    if balance.get("CurrentLiabilities"):
        data["currentRatio"] = round(balance["CurrentAssets"] / balance["CurrentLiabilities"], 3)
    if "EBITDA" in flows:
        data |= {"ebitda": flows["EBITDA"], "ebitdaMargins": round(flows["EBITDA"] / revenue, 5)}
    if company.market_cap is not None and rate(company.financial_currency, company.region.major):
        data["revenuePerShare"] = round(revenue / company.statement_shares, 3)
    return data


def _formatted(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _one_formatted(name, value) for name, value in fields.items()}


def _one_formatted(name: str, value: Any) -> Any:
    if value is None and name not in ("fromCurrency", "toCurrency", "lastMarket", "underlyingSymbol"):
        return {}
    if isinstance(value, bool) or name in _ALWAYS_PLAIN or not isinstance(value, int | float):
        return value
    return formatted(value)


def _key(name: str) -> str:
    return name.lower().replace(" & ", "-").replace(" - ", "-").replace(" ", "-")


def _uuid(company: Company) -> str:
    digits = f"{company.shares:032x}"[-32:]
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _seconds(day: date) -> int:
    return timegm((day.year, day.month, day.day, 0, 0, 0))
