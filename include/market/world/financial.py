"""The books of banks and insurers: no current assets, no gross profit, no inventory, much other people's money."""

from __future__ import annotations

import random

from include.market.world.company import Company
from include.market.world.industrial import Lines, Quarter


def quarters(company: Company, revenue: float, count: int, draw: random.Random) -> list[Quarter]:
    """``count`` quarters; ``revenue`` is that of the last year, in units."""
    growth = draw.uniform(-0.01, 0.03)
    books = _Books(company, revenue / 4 / (1 + growth) ** (count - 4), growth, draw)
    return [books.quarter(index) for index in range(count)]


class _Books:
    def __init__(self, company: Company, revenue: float, growth: float, draw: random.Random) -> None:
        self._company, self._draw, self._growth, self._revenue = company, draw, growth, revenue
        self._is_bank = company.industry.kind == "bank"
        self._margin = draw.uniform(-0.15, 0.02) if company.loss_making else draw.uniform(0.12, 0.38)
        self._yield = draw.uniform(0.035, 0.06)
        self.assets = int(revenue * 4 / (draw.uniform(0.03, 0.05) if self._is_bank else draw.uniform(0.15, 0.35)))
        self.loans = int(self.assets * draw.uniform(0.5, 0.7)) if self._is_bank else 0
        self.cash = int(self.assets * draw.uniform(0.03, 0.12))
        self.ppe = int(self.assets * 0.006) + 1
        self.goodwill = int(self.assets * draw.uniform(0.0, 0.02)) if draw.random() < 0.6 else 0
        self.debt = int(self.assets * draw.uniform(0.03, 0.12))
        equity = int(self.assets * (draw.uniform(0.07, 0.13) if self._is_bank else draw.uniform(0.12, 0.3)))
        self.minority = int(equity * 0.03) if draw.random() < 0.2 else 0
        self.preferred = int(equity * 0.08) if draw.random() < 0.25 else 0
        self.capital_stock = int(equity * draw.uniform(0.2, 0.5))
        self.other_equity = int(equity * draw.uniform(-0.08, 0.02))
        self.retained = equity - self.minority - self.preferred - self.capital_stock - self.other_equity
        self.owed = self.assets - equity - self.debt  # deposits, or reserves for claims

    @property
    def investments(self) -> int:
        return self.assets - self.loans - self.cash - self.ppe - self.goodwill

    def quarter(self, index: int) -> Quarter:
        """Roll forward by one quarter."""
        draw = self._draw
        revenue = int(self._revenue * (1 + self._growth) ** index * draw.uniform(0.96, 1.04)) + 1
        income = self._earn(revenue)
        cash = self._move(income)
        shares = self._company.statement_shares
        return Quarter(income | cash, self._stocks() | {"shares": shares}, shares)

    def _earn(self, revenue: int) -> Lines:
        draw = self._draw
        interest_income = int(self.assets * self._yield / 4) if self._is_bank else int(revenue * 0.08)
        net_interest = int(revenue * draw.uniform(0.55, 0.8)) if self._is_bank else 0
        interest = interest_income - net_interest if self._is_bank else int(self.debt * 0.045 / 4)
        pretax = int(revenue * self._margin * draw.uniform(0.85, 1.15))
        tax = int(pretax * 0.21) if pretax > 0 else int(pretax * 0.05)
        whole = pretax - tax
        minority = int(whole * 0.03) if self.minority else 0
        depreciation = int(self.ppe * 0.02)
        expenses = revenue - pretax
        claims = 0 if self._is_bank else int(expenses * draw.uniform(0.68, 0.8))
        sga = int((expenses - claims) * draw.uniform(0.55, 0.75))
        return {
            "revenue": revenue, "interest_income": max(interest_income, 0), "interest": max(interest, 0),
            "net_interest": net_interest, "expenses": expenses, "claims": claims, "sga": sga,
            "occupancy": int(sga * 0.1), "pretax": pretax, "tax": tax, "whole": whole, "minority": minority,
            "net": whole - minority, "preferred": int(self.preferred * 0.015), "depreciation": depreciation,
            "amortization": 0, "gain": 0,
        }  # fmt: skip

    def _move(self, income: Lines) -> Lines:
        draw = self._draw
        net_common = int(income["net"] - income["preferred"])
        dividends = int(net_common * self._company.payout) if net_common > 0 else 0
        bought_back = int(net_common * 0.2) if net_common > 0 and draw.random() < 0.4 else 0
        stock_pay = int(income["sga"] * 0.02)
        operating = int(income["whole"] + income["depreciation"] + stock_pay + self._revenue * draw.uniform(-0.3, 0.4))
        accrued = operating - int(income["whole"] + income["depreciation"]) - stock_pay
        capex = int(income["depreciation"] * draw.uniform(0.8, 1.3))
        growth = int(self.assets * draw.uniform(-0.005, 0.02))
        repaid, borrowed = int(self.debt * 0.05), int(self.debt * draw.uniform(0.03, 0.08))
        attracted = int(growth * draw.uniform(0.6, 0.95))
        financing = attracted + borrowed - repaid - dividends - bought_back - int(income["preferred"])
        begin, grown_loans = self.cash, int(growth * 0.6) if self._is_bank else 0
        bought = max(growth - grown_loans, -self.investments // 2)
        self._settle(income, capex, grown_loans, attracted + accrued, borrowed - repaid, stock_pay)
        self.retained += net_common - dividends - bought_back
        investing = -capex - grown_loans - bought
        missing = int(self.assets * 0.02) - (self.cash + operating + investing + financing)
        if missing > 0:  # sells securities rather than run out of cash
            bought, investing = bought - missing, investing + missing
        self.cash += operating + investing + financing
        self.assets += operating + financing - int(income["depreciation"])
        return {
            "operating_cash": operating, "stock_pay": stock_pay, "capex": capex, "sold": 0, "invested": bought,
            "lent": grown_loans, "investing": investing, "attracted": attracted, "borrowed": borrowed,
            "repaid": repaid, "dividends": dividends, "bought_back": bought_back, "stock_issued": 0,
            "financing": financing, "begin": begin, "change": self.cash - begin, "from_other": accrued,
        }  # fmt: skip

    def _settle(self, income: Lines, capex: int, lent: int, owed: int, debt: int, stock_pay: int) -> None:
        self.ppe += capex - int(income["depreciation"])
        self.loans += lent
        self.owed += owed
        self.debt += debt
        self.capital_stock += stock_pay
        self.minority += int(income["minority"])

    def _stocks(self) -> Lines:
        names = "cash loans ppe goodwill debt minority preferred capital_stock other_equity retained owed assets"
        return {name: getattr(self, name) for name in names.split()} | {"investments": self.investments}
