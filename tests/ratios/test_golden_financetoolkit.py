"""Our ratios beside FinanceToolkit 2.3.0's, on the same recorded statements of nine companies.

Its values are a recording, read from the folder that STOCKS_RECORDINGS names. Where a formula of ours is
another one, the list below says so, and the documentation says why.
"""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from include.contracts.fundamentals import Fundamentals, RatioRow, Statement
from include.ratios.catalog import CATALOG
from include.ratios.compute import compute
from include.ratios.ratio import snake_case
from include.ratios.stock import StockInput

RECORDINGS = os.environ.get("STOCKS_RECORDINGS")
pytestmark = pytest.mark.skipif(not RECORDINGS, reason="STOCKS_RECORDINGS names no folder of recorded answers")

OTHER_NAMES = {
    "r_d_intensity_ratio": "r_d_to_revenue_ratio",
    "sbc_to_revenue_ratio": "stock_based_compensation_to_revenue_ratio",
}
NOT_OURS = {
    "cash_return_on_assets",
    "cash_tax_rate",
    "deferred_revenue_ratio",
    "g_a_to_revenue_ratio",
    "gross_debt_to_ebitda_ratio",
    "interest_paid_to_expense_ratio",
    "s_m_to_revenue_ratio",
    "tax_rate_divergence",
    "working_capital_turnover_ratio",
}
# Where the formula is another one, and what ours is.
OTHER_FORMULA = {
    "debt_service_coverage_ratio": "EBITDA of the source; repayments that are not reported are not zero",
    "ebit_to_revenue": "EBIT of the source, not net income + tax + interest",
    "ebitda_margin": "EBITDA of the source, not operating income + D&A",
    "ebt_to_ebit_ratio": "EBIT of the source, not net income + tax + interest",
    "interest_coverage_ratio": "EBIT, not operating income",
    "return_on_capital_employed": "EBIT, not operating income",
    "return_on_invested_capital": "EBIT after the source's tax rate on its invested capital",
    "short_term_coverage_ratio": "receivables + inventory - payables, not short-term debt",
}
# The same formula, but a loss before tax gives no ratio here.
NOT_OF_A_LOSS = {"net_income_per_ebt", "effective_tax_rate", "tax_burden_ratio"}


@pytest.fixture(scope="module")
def ours() -> dict[tuple[str, str], RatioRow]:
    """Our rows by symbol and period end."""
    found = json.loads((_folder() / "ft_inputs.json").read_text())
    rows = compute([_stock(symbol, entry) for symbol, entry in found.items()])
    return {(row.symbol, row.period_end.isoformat()): row for row in rows}


def test_every_value_with_the_same_formula_is_equal(ours: dict[tuple[str, str], RatioRow]) -> None:
    compared, differing = 0, []
    for entry in _expected():
        name = entry["name"]
        if name in NOT_OURS or name in OTHER_FORMULA:
            continue
        row = ours[entry["symbol"], entry["period_end"]]
        if name in NOT_OF_A_LOSS and row.statuses.get(name) == "NEGATIVE_DENOMINATOR":
            continue
        compared += 1
        if row.values.get(name) != pytest.approx(float(entry["expected"]), rel=1e-9, abs=1e-11):
            differing.append((entry, row.values.get(name), row.statuses.get(name)))

    assert not differing
    assert compared == 766


def test_apple_2024_equals_what_the_other_library_says(ours: dict[tuple[str, str], RatioRow]) -> None:
    row = ours["AAPL", "2024-09-30"]
    theirs = {e["name"]: float(e["expected"]) for e in _expected() if (e["symbol"], e["ft_period"]) == ("AAPL", "2024")}
    same = theirs.keys() - NOT_OURS - OTHER_FORMULA.keys()

    assert {name: row.values[name] for name in same} == pytest.approx({name: theirs[name] for name in same}, rel=1e-9)
    assert len(same) > 35


def test_every_other_formula_is_listed_and_really_differs(ours: dict[tuple[str, str], RatioRow]) -> None:
    differing = set()
    for entry in _expected():
        if entry["name"] in NOT_OF_A_LOSS:
            continue
        value = ours[entry["symbol"], entry["period_end"]].values.get(entry["name"])
        if entry["name"] not in NOT_OURS and value != pytest.approx(float(entry["expected"]), rel=1e-9, abs=1e-11):
            differing.add(entry["name"])

    assert differing == set(OTHER_FORMULA)
    assert not NOT_OURS & CATALOG.keys()


def _folder() -> Path:
    return Path(RECORDINGS or "") / "financetoolkit"


def _expected() -> list[dict[str, str]]:
    with (_folder() / "ft_expected.csv").open(encoding="utf-8") as file:
        entries = list(csv.DictReader(file))
    for entry in entries:
        name = snake_case(entry["ratio"])
        entry["name"] = OTHER_NAMES.get(name, name)
    return entries


def _stock(symbol: str, entry: dict[str, dict[str, dict[str, float]]]) -> StockInput:
    by_end: dict[str, dict[str, float]] = defaultdict(dict)
    for line, points in entry["fin"].items():
        for end, value in points.items():
            if value is not None:
                by_end[end][line] = float(value)
    currency = str(entry["info"]["financialCurrency"])
    statements = [
        Statement("annual", date.fromisoformat(end), currency, lines, months=12) for end, lines in by_end.items()
    ]
    return StockInput(Fundamentals(symbol, datetime(2026, 1, 2, tzinfo=UTC), tuple(statements)))
