"""FinanceToolkit's ratio functions on statements, timed: a program for an environment of its own, not for ours.

    python -I bench/financetoolkit_ratios.py FILE.json ALONE BATCH

The file holds, by period type, a list of stocks, each a list of statements, each an object of amounts by the
source's name of the row. Prints JSON: how many functions were called on how many periods, and stocks per second of
processor time: ``alone``, one by one (``ALONE`` stocks, a Series per row); ``batch``, a DataFrame per row of
``BATCH`` stocks, or of all where that is faster; ``ready``, the same from tables that are made already.
"""

from __future__ import annotations

import inspect
import json
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

_MODULES = ("liquidity_model", "profitability_model", "solvency_model", "efficiency_model", "valuation_model")
# Its parameters by the source's rows; `average_` in front is the mean with the period before.
_ROWS = {
    "accounts_payable": "AccountsPayable",
    "accounts_receivable": "AccountsReceivable",
    "average_outstanding_shares": "DilutedAverageShares",
    "capital_expenditure": "CapitalExpenditure",
    "capital_expenditures": "CapitalExpenditure",
    "cash_and_cash_equivalents": "CashAndCashEquivalents",
    "cash_and_equivalents": "CashAndCashEquivalents",
    "cash_flow_from_operating_activities": "OperatingCashFlow",
    "cash_flow_from_operations": "OperatingCashFlow",
    "common_shares_outstanding": "OrdinarySharesNumber",
    "cost_of_goods_sold": "CostOfRevenue",
    "current_assets": "CurrentAssets",
    "current_liabilities": "CurrentLiabilities",
    "depreciation_and_amortization": "DepreciationAndAmortization",
    "dividends": "CashDividendsPaid",
    "dividends_paid": "CashDividendsPaid",
    "earnings_before_interest_and_taxes": "EBIT",
    "earnings_before_tax": "PretaxIncome",
    "free_cash_flow": "FreeCashFlow",
    "goodwill_and_intangible_assets": "GoodwillAndOtherIntangibleAssets",
    "income_before_tax": "PretaxIncome",
    "income_tax_expense": "TaxProvision",
    "interest_expense": "InterestExpense",
    "interest_paid": "InterestPaidSupplementalData",
    "inventory": "Inventory",
    "issuance_of_common_stock": "IssuanceOfCapitalStock",
    "market_cap": "MarketCap",
    "market_capitalization": "MarketCap",
    "marketable_securities": "OtherShortTermInvestments",
    "minority_interest": "MinorityInterest",
    "net_credit_sales": "TotalRevenue",
    "net_debt": "NetDebt",
    "net_fixed_assets": "NetPPE",
    "net_income": "NetIncome",
    "net_sales": "TotalRevenue",
    "operating_cash_flow": "OperatingCashFlow",
    "operating_cashflow": "OperatingCashFlow",
    "operating_expenses": "OperatingExpense",
    "operating_income": "OperatingIncome",
    "operations_cash_flow": "OperatingCashFlow",
    "preferred_dividends": "PreferredStockDividends",
    "preferred_equity": "PreferredStockEquity",
    "repurchase_of_common_stock": "RepurchaseOfCapitalStock",
    "research_and_development_expenses": "ResearchAndDevelopment",
    "revenue": "TotalRevenue",
    "sales": "TotalRevenue",
    "sga_expenses": "SellingGeneralAndAdministration",
    "share_price": "Price",
    "shares_outstanding": "DilutedAverageShares",
    "short_term_debt": "CurrentDebt",
    "stock_based_compensation": "StockBasedCompensation",
    "stock_price": "Price",
    "total_assets": "TotalAssets",
    "total_current_assets": "CurrentAssets",
    "total_current_liabilities": "CurrentLiabilities",
    "total_debt": "TotalDebt",
    "total_equity": "StockholdersEquity",
    "total_liabilities": "TotalLiabilitiesNetMinorityInterest",
    "total_revenue": "TotalRevenue",
    "total_shareholder_equity": "StockholdersEquity",
    "total_shares_outstanding": "OrdinarySharesNumber",
}
_AVERAGE = "average_"
_WANTED = tuple(dict.fromkeys(_ROWS.values()))

Data = dict[str, list[list[dict[str, float]]]]
Tables = list[dict[str, Any]]
Call = tuple[Callable[..., Any], list[str]]


def main(file: str, alone: int, batch: int) -> None:
    """Time all ways and print what was found."""
    warnings.simplefilter("ignore")  # it divides by what is missing and by zero
    data: Data = json.loads(Path(file).read_text(encoding="utf-8"))
    stocks, calls = len(data["annual"]), _calls()
    ratios = partial(_ratios, calls)
    sizes = (batch, stocks)
    ready = {size: [_tables(data, slice(at, at + size)) for at in range(0, stocks, size)] for size in sizes}
    found = {
        "version": metadata.version("financetoolkit"),
        "functions": len(calls),
        "periods": sum(len(one[0]) for one in data.values()),
        "alone": _rate(alone, lambda: [ratios(_tables(data, number)) for number in range(alone)]),
        "batch": max(_rate(stocks, partial(_in_batches, data, stocks, size, ratios)) for size in sizes),
        "ready": max(_rate(stocks, partial(_each, ratios, tables)) for tables in ready.values()),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def _in_batches(data: Data, stocks: int, size: int, ratios: Callable[[Tables], object]) -> None:
    for at in range(0, stocks, size):
        ratios(_tables(data, slice(at, at + size)))


def _each(ratios: Callable[[Tables], object], several: list[Tables]) -> None:
    for tables in several:
        ratios(tables)


def _calls() -> list[Call]:
    """Every function whose required parameters are all rows or averages of them."""
    found: list[Call] = []
    for name in _MODULES:
        module = import_module(f"financetoolkit.ratios.{name}")
        for _, function in inspect.getmembers(module, inspect.isfunction):
            parameters = inspect.signature(function).parameters.values()
            needed = [one.name for one in parameters if one.default is one.empty]
            if function.__module__ == module.__name__ and all(_row(name) is not None for name in needed):
                found.append((function, needed))
    return found


def _row(parameter: str) -> str | None:
    return _ROWS.get(parameter) or _ROWS.get(parameter.removeprefix(_AVERAGE))


def _tables(data: Data, stocks: int | slice) -> Tables:
    """By period type and row: one stock's amounts over its periods as a Series, many stocks' as a DataFrame."""
    make = pd.Series if isinstance(stocks, int) else pd.DataFrame
    return [{row: make(_amounts(statements[stocks], row)) for row in _WANTED} for statements in data.values()]


def _amounts(of: list[Any], row: str) -> Any:
    return [_amounts(one, row) if isinstance(one, list) else one.get(row, np.nan) for one in of]


def _ratios(calls: list[Call], tables: Tables) -> list[Any]:
    """The results of all functions on all periods."""
    results = []
    for rows in tables:
        averages = {row: (one + one.shift(axis=one.ndim - 1)) / 2 for row, one in rows.items()}
        for function, needed in calls:
            given = [rows[_ROWS[one]] if one in _ROWS else averages[_row(one) or ""] for one in needed]
            results.append(function(*given))
    return results


def _rate(count: int, work: Callable[[], object]) -> float:
    """The best of three: other programs on the machine only ever slow it down."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return count / min(seconds)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
