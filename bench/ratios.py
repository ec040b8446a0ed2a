"""Ratios per stock: one by one and in batches, beside FinanceToolkit's functions on the same statements.

FinanceToolkit is no part of the project. Where it is not installed, its lines are left out and that is said:
``pip install --no-deps --target DIR financetoolkit==2.3.0`` and ``PYTHONPATH=DIR`` bring it in.
"""

from __future__ import annotations

import inspect
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from include.contracts.fundamentals import Fundamentals, PeriodType, Statement
from include.contracts.quotes import Quote
from include.ratios.columns import Columns
from include.ratios.compute import compute, evaluate
from include.ratios.inputs import Inputs
from include.ratios.statement import ROWS
from include.ratios.stock import StockInput

_SEEN_AT = datetime(2026, 11, 21, tzinfo=UTC)
_STOCKS = 4000
_ALONE = 100
_BATCH = 500
_REPORTED = 0.9
_ENDS: dict[PeriodType, list[date]] = {
    "annual": [date(year, 12, 31) for year in range(2022, 2026)],
    "quarterly": [date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31)],
}
# FinanceToolkit's parameters by the source's rows; `average_` in front is the mean with the period before.
_THEIRS = {
    "cash_and_equivalents": "CashAndCashEquivalents",
    "marketable_securities": "OtherShortTermInvestments",
    "current_assets": "CurrentAssets",
    "current_liabilities": "CurrentLiabilities",
    "total_current_liabilities": "CurrentLiabilities",
    "accounts_receivable": "AccountsReceivable",
    "operating_cash_flow": "OperatingCashFlow",
    "cash_flow_from_operating_activities": "OperatingCashFlow",
    "cash_flow_from_operations": "OperatingCashFlow",
    "revenue": "TotalRevenue",
    "sales": "TotalRevenue",
    "net_sales": "TotalRevenue",
    "net_credit_sales": "TotalRevenue",
    "earnings_before_interest_and_taxes": "EBIT",
    "earnings_before_tax": "PretaxIncome",
    "income_before_tax": "PretaxIncome",
    "operating_income": "OperatingIncome",
    "operating_expenses": "OperatingExpense",
    "depreciation_and_amortization": "DepreciationAndAmortization",
    "income_tax_expense": "TaxProvision",
    "free_cash_flow": "FreeCashFlow",
    "cost_of_goods_sold": "CostOfRevenue",
    "net_income": "NetIncome",
    "total_assets": "TotalAssets",
    "total_debt": "TotalDebt",
    "net_debt": "NetDebt",
    "total_equity": "StockholdersEquity",
    "goodwill_and_intangible_assets": "GoodwillAndOtherIntangibleAssets",
    "capital_expenditure": "CapitalExpenditure",
    "dividends": "CashDividendsPaid",
    "interest_expense": "InterestExpense",
    "accounts_payable": "AccountsPayable",
    "inventory": "Inventory",
    "net_fixed_assets": "NetPPE",
    "research_and_development_expenses": "ResearchAndDevelopment",
    "sga_expenses": "SellingGeneralAndAdministration",
    "stock_based_compensation": "StockBasedCompensation",
    "preferred_dividends": "PreferredStockDividends",
}
_MODULES = ("liquidity_model", "profitability_model", "solvency_model", "efficiency_model")

Line = dict[str, object]


def measure() -> list[Line]:
    """Stocks per second, for 102 ratios with statuses over nine periods.

    The baseline is FinanceToolkit's functions: about half as many ratios, over eight periods, without statuses.
    """
    stocks = [_stock(number) for number in range(_STOCKS)]
    compute(stocks[:_BATCH])
    alone = _rate(_ALONE, lambda: [compute([stock]) for stock in stocks[:_ALONE]])
    batches = [stocks[start : start + _BATCH] for start in range(0, _STOCKS, _BATCH)]
    rows = _rate(_STOCKS, lambda: _each(compute, batches))
    columns = _rate(_STOCKS, lambda: _each(lambda batch: evaluate(Inputs(Columns(batch))), batches))
    theirs_alone, theirs_batch = _financetoolkit(stocks)
    return [
        _line("stocks, one by one: statements to rows of ratios", alone, theirs_alone),
        _line(f"stocks, {_BATCH} at a time: statements to rows of ratios", rows, theirs_batch),
        _line(f"stocks, {_BATCH} at a time: statements to columns of ratios", columns, theirs_batch),
    ]


def _line(name: str, value: float, baseline: float | None) -> Line:
    ratio = None if baseline is None else value / baseline
    return {"name": name, "value": value, "unit": "stocks/s", "baseline": baseline, "ratio": ratio}


def _rate(count: int, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def _each(work: Callable[[list[StockInput]], object], batches: Iterable[list[StockInput]]) -> None:
    for batch in batches:
        work(batch)


def _stock(number: int) -> StockInput:
    chance = random.Random(number)  # noqa: S311 - the same stocks every time
    statements = [
        Statement(
            period_type,
            end,
            "USD",
            {row.name: chance.uniform(1, 1000) for row in ROWS if chance.random() < _REPORTED},
            months=12 if period_type == "annual" else 3,
        )
        for period_type, days in _ENDS.items()
        for end in days
    ]
    quote = Quote(
        symbol=f"S{number}",
        region="us",
        observed_at=_SEEN_AT,
        currency="USD",
        financial_currency="USD",
        price=10.0,
        price_at=_SEEN_AT,
        market_cap=1000.0,
        shares_outstanding=100.0,
        sector="Technology",
        industry="Software - Application",
    )
    return StockInput(Fundamentals(quote.symbol, _SEEN_AT, tuple(statements)), quote)


def _financetoolkit(stocks: list[StockInput]) -> tuple[float | None, float | None]:
    """FinanceToolkit's stocks per second one by one and in a batch, of those ratios that it has."""
    if find_spec("financetoolkit") is None:
        sys.stderr.write("FinanceToolkit is not installed: its speed is left out (see bench/ratios.py)\n")
        return None, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it divides by missing values, and pandas 3 warns of its ways
        calls = _calls()
        alone = _rate(_ALONE, lambda: [_their_ratios([stock], calls) for stock in stocks[:_ALONE]])
        return alone, _rate(_STOCKS, lambda: _their_ratios(stocks, calls))


def _calls() -> list[tuple[Callable[..., Any], list[str]]]:
    """Every function of theirs whose parameters are all statement rows or averages of them."""
    found = []
    for name in _MODULES:
        module = import_module(f"financetoolkit.ratios.{name}")
        for _, function in inspect.getmembers(module, inspect.isfunction):
            needed = [p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty]
            if needed and all(parameter.removeprefix("average_") in _THEIRS for parameter in needed):
                found.append((function, needed))
    return found


def _their_ratios(stocks: list[StockInput], calls: list[tuple[Callable[..., Any], list[str]]]) -> list[Any]:
    """Their functions on frames of stocks by periods, one frame per row of the statements."""
    results = []
    for period_type in _ENDS:
        frames = _frames(stocks, period_type)
        averages = {name: (frame + frame.shift(axis=1)) / 2 for name, frame in frames.items()}
        for function, needed in calls:
            arguments = [
                averages[_THEIRS[parameter.removeprefix("average_")]]
                if parameter.startswith("average_")
                else frames[_THEIRS[parameter]]
                for parameter in needed
            ]
            results.append(function(*arguments))
    return results


def _frames(stocks: list[StockInput], period_type: PeriodType) -> dict[str, Any]:
    import pandas as pd

    chosen = [[one for one in stock.fundamentals.statements if one.period_type == period_type] for stock in stocks]
    symbols = [stock.fundamentals.symbol for stock in stocks]
    return {
        row: pd.DataFrame(
            [[one.lines.get(row, np.nan) for one in statements] for statements in chosen], symbols, _ENDS[period_type]
        )
        for row in dict.fromkeys(_THEIRS.values())
    }
