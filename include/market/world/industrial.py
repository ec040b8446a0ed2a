"""The books of a company that makes or sells things (REITs included), rolled forward quarter by quarter.

Every amount is a whole number of units (thousands or millions). What changes the balance sheet goes
through the flows, so that each one balances and each cash flow explains the change in cash.
"""

from __future__ import annotations

import random

import msgspec

from include.market.world.company import Company
from include.market.world.habits import Habits, habits_of
from include.market.world.industries import Industry

Lines = dict[str, float]


class Quarter(msgspec.Struct):
    """One quarter in units: ``flows`` add up over quarters, ``stocks`` are those of its end."""

    flows: Lines
    stocks: Lines
    shares: int


def quarters(company: Company, revenue: float, count: int, draw: random.Random) -> list[Quarter]:
    """``count`` quarters; ``revenue`` is that of the last year, in units."""
    habits = habits_of(company, draw)
    books = _Books(company, habits, revenue / 4 / (1 + habits.growth) ** (count - 4), draw)
    return [books.quarter(index, count) for index in range(count)]


class _Books:
    """The balance sheet in the making; ``quarter`` rolls it forward."""

    def __init__(self, company: Company, habits: Habits, revenue: float, draw: random.Random) -> None:
        self._company, self._habits, self._draw = company, habits, draw
        self._revenue = revenue
        self._open(company.industry)

    def _open(self, industry: Industry) -> None:
        draw, habits, revenue = self._draw, self._habits, self._revenue
        costs = revenue * (1 - habits.gross_margin)
        self.cash = int(revenue * draw.uniform(0.3, 1.5))
        self.short_term_investments = int(revenue * draw.uniform(0.1, 1.0)) if draw.random() < 0.5 else 0
        self.receivables = int(revenue * habits.receivables)
        self.inventory = int(costs * habits.inventory)
        self.other_current_assets = int(revenue * draw.uniform(0.05, 0.2))
        self.ppe = int(revenue * 4 * industry.capex / (habits.wear * 4) * draw.uniform(0.7, 1.3)) + 1
        self.goodwill = int(revenue * draw.uniform(0.2, 2.5)) if draw.random() < 0.6 else 0
        self.intangibles = int(revenue * draw.uniform(0.1, 1.0)) if draw.random() < 0.6 else 0
        self.other_assets = int(revenue * draw.uniform(0.1, 0.8))
        self.payables = int(costs * habits.payables)
        self.deferred_revenue = int(revenue * habits.deferred)
        self.other_current_liabilities = int(revenue * draw.uniform(0.1, 0.4))
        self.other_liabilities = int(revenue * draw.uniform(0.05, 0.5))
        self.leases = int(revenue * draw.uniform(0.05, 0.6)) if draw.random() < 0.6 else 0
        self._finance(industry)

    def _finance(self, industry: Industry) -> None:
        draw, habits = self._draw, self._habits
        capital = self.assets - self._free_liabilities()
        share = min(0.85, industry.leverage * draw.uniform(0.4, 1.6))
        if self._company.negative_equity:
            share = draw.uniform(1.15, 1.6)
        self.debt = 0 if draw.random() < 0.1 and share < 1 else max(0, int(capital * share) - self.leases)
        equity = capital - self.debt - self.leases
        self.minority = int(abs(equity) * habits.minority)
        self.preferred = int(abs(equity) * 0.1) if habits.preferred_rate else 0
        self.capital_stock = int(abs(equity) * draw.uniform(0.1, 0.6))
        self.other_equity = int(equity * draw.uniform(-0.05, 0.05))
        self.retained = equity - self.minority - self.preferred - self.capital_stock - self.other_equity

    @property
    def current_assets(self) -> int:
        return self.cash + self.short_term_investments + self.receivables + self.inventory + self.other_current_assets

    @property
    def assets(self) -> int:
        return self.current_assets + self.ppe + self.goodwill + self.intangibles + self.other_assets

    def _free_liabilities(self) -> int:
        return self.payables + self.deferred_revenue + self.other_current_liabilities + self.other_liabilities

    def quarter(self, index: int, count: int) -> Quarter:
        """Roll forward by one quarter."""
        habits, draw = self._habits, self._draw
        trend = self._revenue * (1 + habits.growth) ** index
        revenue = int(trend * habits.season[index % 4] * draw.uniform(1 - habits.noise, 1 + habits.noise)) + 1
        income = self._earn(revenue)
        cash = self._move(revenue, income)
        shares = round(self._company.statement_shares * (1 + 0.002 * (count - 1 - index) * (habits.buybacks > 0)))
        return Quarter(income | cash, self._stocks(shares), shares)

    def _earn(self, revenue: int) -> Lines:
        habits, draw = self._habits, self._draw
        costs = int(revenue * (1 - habits.gross_margin * draw.uniform(0.97, 1.03)))
        research, sga = int(revenue * habits.research), int(revenue * habits.sga)
        depreciation = int(self.ppe * habits.wear)
        amortization = int(self.intangibles * 0.02)
        interest = int(self.debt * habits.interest)
        interest_income = int((self.cash + self.short_term_investments) * 0.005)
        gain = int(self.ppe * 0.002) if draw.random() < 0.08 else 0
        operating = revenue - costs - research - sga
        pretax = operating - interest + interest_income + gain
        tax = int(pretax * habits.tax) if pretax > 0 else int(pretax * 0.05)
        whole = pretax - tax
        minority = int(whole * habits.minority)
        preferred = int(self.preferred * habits.preferred_rate)
        return {
            "revenue": revenue, "costs": costs, "research": research, "sga": sga, "operating": operating,
            "depreciation": depreciation, "amortization": amortization, "interest": interest,
            "interest_income": interest_income, "gain": gain, "pretax": pretax, "tax": tax, "whole": whole,
            "minority": minority, "preferred": preferred, "net": whole - minority,
        }  # fmt: skip

    def _move(self, revenue: int, income: Lines) -> Lines:
        """Cash flow: operations, then investments, then whatever financing the rest takes."""
        habits, draw = self._habits, self._draw
        flows = self._working_capital(revenue, income)
        stock_pay = int(revenue * habits.stock_pay)
        worn = income["depreciation"] + income["amortization"]
        operating = int(income["whole"] + worn + stock_pay - income["gain"] + sum(flows.values()))
        capex = int(revenue * habits.capex * draw.uniform(0.8, 1.2))
        sold = int(income["gain"] * 2)
        invested = int(self.short_term_investments * draw.uniform(-0.1, 0.1))
        self.ppe += capex - int(income["depreciation"]) - int(sold - income["gain"])
        self.intangibles -= int(income["amortization"])
        self.short_term_investments += invested
        investing = -capex + sold - invested
        funding = self._fund(
            revenue, int(income["net"] - income["preferred"]), int(worn), operating + investing, income
        )
        begin = self.cash
        self.cash += operating + investing + funding["financing"]
        self.capital_stock += stock_pay + funding["stock_issued"]
        self.minority += int(income["minority"])
        self.retained += int(income["net"] - income["preferred"]) - funding["dividends"] - funding["bought_back"]
        return flows | funding | {
            "operating_cash": operating, "stock_pay": stock_pay, "capex": capex, "sold": sold, "invested": invested,
            "investing": investing, "begin": begin, "change": self.cash - begin,
        }  # fmt: skip

    def _working_capital(self, revenue: int, income: Lines) -> Lines:
        habits = self._habits
        before = self.receivables, self.inventory, self.payables, self.deferred_revenue, self.other_current_assets
        self.receivables = int(revenue * habits.receivables)
        self.inventory = int(income["costs"] * habits.inventory)
        self.payables = int(income["costs"] * habits.payables)
        self.deferred_revenue = int(revenue * habits.deferred)
        self.other_current_assets = int(self.other_current_assets * self._draw.uniform(0.97, 1.04))
        return {
            "from_receivables": before[0] - self.receivables,
            "from_inventory": before[1] - self.inventory,
            "from_payables": self.payables - before[2],
            "from_other": self.deferred_revenue - before[3] + before[4] - self.other_current_assets,
        }

    def _fund(self, revenue: int, net: int, worn: int, free: int, income: Lines) -> dict[str, int]:
        habits = self._habits
        earned = net + worn if self._company.industry.kind == "reit" else net
        dividends = int(earned * habits.payout) if net > 0 else 0
        left = self.cash + free - dividends - int(income["preferred"])
        wanted = int(revenue * 0.35)
        bought_back = int(max(0, left - 2 * wanted) * habits.buybacks * 0.5)
        due = min(self.debt, int(self.debt * 0.04))
        missing = max(0, wanted - (left - bought_back - due))
        stock_issued = missing if habits.issues_stock else 0
        borrowed = missing - stock_issued
        surplus = left - bought_back - due + missing - 4 * wanted
        repaid = due + max(0, min(self.debt - due, surplus // 2))
        self.debt += borrowed - repaid
        financing = borrowed - repaid + stock_issued - bought_back - dividends - int(income["preferred"])
        return {
            "dividends": dividends, "bought_back": bought_back, "stock_issued": stock_issued,
            "borrowed": borrowed, "repaid": repaid, "financing": financing,
        }  # fmt: skip

    def _stocks(self, shares: int) -> Lines:
        names = (
            "cash short_term_investments receivables inventory other_current_assets ppe goodwill intangibles "
            "other_assets payables deferred_revenue other_current_liabilities other_liabilities leases debt minority "
            "preferred capital_stock other_equity retained current_assets assets"
        )
        return {name: getattr(self, name) for name in names.split()} | {"shares": shares}
