"""Quotes as v7/finance/quote and the screener give them: stocks and currency pairs, unknown symbols absent."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from include.market.world.company import Company
from include.market.world.prices import SESSIONS_PER_YEAR, history
from include.market.world.rates import pair_of, rate
from include.market.world.world import World
from include.market.yahoo.quote_fields import currency_pair, dividend, expected, listing, orders, prices
from include.market.yahoo.recorded import Recorded

_KEPT_QUOTES = 20_000


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
        return b"" if pair is None else msgspec.json.encode(currency_pair(symbol, *pair, self._world.moment))

    def _fields(self, symbol: str) -> dict[str, Any]:
        if symbol in self._recorded:
            return self._recorded[symbol]
        company = self._world.company(symbol)
        if company is None:
            raise KeyError(symbol)
        closed = self._world.last_close(company.region)
        days = history(company, self._world.seed, closed, SESSIONS_PER_YEAR)
        fields = listing(company, closed) | prices(days, int(closed.timestamp())) | orders(company, closed)
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
            "sharesOutstanding": company.listed_shares,
            "epsTrailingTwelveMonths": earned,
            "bookValue": book,
            "priceToBook": round(price / book, 6) if book else None,
            "trailingAnnualDividendRate": paid,
            "trailingAnnualDividendYield": round(paid * rate_ / price, 8),
        }
        fields |= expected(earned, price)
        if earned > 0:
            fields["trailingPE"] = round(price / earned, 6)
        if paid:
            fields |= dividend(paid, rate_ * paid / price, self._world.moment)
        return {name: value for name, value in fields.items() if value is not None}
