"""Apple's fiscal 2024 and 2023 by hand: the figures of its Form 10-K, in millions, and the working of every ratio.

Its statements as the source gives them are a recording. What is printed here comes from the report (consolidated
statements of operations, balance sheets, statements of cash flows, shares in thousands), not from the recording.
The last part compares with the figures that the source itself gives for the year to December 2024.
"""

from __future__ import annotations

from math import sqrt

import pytest
from test_golden_published import RECORDINGS, json_body, statements, trailing_of_apple

from include.ratios.compute import compute
from include.ratios.stock import StockInput

pytestmark = pytest.mark.skipif(not RECORDINGS, reason="STOCKS_RECORDINGS names no folder of recorded answers")

REVENUE, REVENUE_2023 = 391_035, 383_285
COST = 210_352
OPERATING_EXPENSE, RESEARCH, SELLING = 57_467, 31_370, 26_097
OPERATING, OPERATING_2023 = 123_216, 114_301
PRETAX, TAX, NET, NET_2023 = 123_485, 29_749, 93_736, 96_995
DEPRECIATION, SHARE_PAY = 11_445, 11_688
CASH_FLOW, INVESTED, DIVIDENDS, REPAID = 118_254, 9_447, 15_234, 9_958
FREE, FREE_2023 = 118_254 - 9_447, 110_543 - 10_959
CASH, SECURITIES = 29_943, 35_228
RECEIVABLE, RECEIVABLE_2023 = 33_410, 29_508
STOCKS, STOCKS_2023 = 7_286, 6_331
CURRENT, ASSETS, ASSETS_2023 = 152_987, 364_980, 352_583
PLANT, PLANT_2023 = 45_680, 43_715
PAYABLE, PAYABLE_2023 = 68_960, 62_611
DUE, LIABILITIES = 176_392, 308_030
LONG_DEBT = 85_750
DEBT = 9_967 + 10_912 + 85_750  # commercial paper, term debt due within a year, and later
DEBT_2023 = 5_985 + 9_822 + 95_281
EQUITY, EQUITY_2023, RETAINED = 56_950, 62_146, -19_154
DILUTED, SHARES = 15_408.095, 15_116.786
EBITDA = OPERATING + DEPRECIATION
DAYS = 365

WORKED = {
    "current_ratio": CURRENT / DUE,
    "quick_ratio": (CASH + SECURITIES + RECEIVABLE) / DUE,
    "cash_ratio": (CASH + SECURITIES) / DUE,
    "working_capital": (CURRENT - DUE) * 1e6,
    "operating_cash_flow_ratio": CASH_FLOW / DUE,
    "operating_cash_flow_to_sales_ratio": CASH_FLOW / REVENUE,
    "working_capital_to_total_assets_ratio": (CURRENT - DUE) / ASSETS,
    "debt_to_assets_ratio": DEBT / ASSETS,
    "debt_to_equity_ratio": DEBT / EQUITY,
    "debt_to_capital_ratio": DEBT / (DEBT + EQUITY),
    "long_term_debt_to_equity_ratio": LONG_DEBT / EQUITY,
    "net_debt_to_equity_ratio": (DEBT - CASH) / EQUITY,
    "equity_ratio": EQUITY / ASSETS,
    "equity_multiplier": (ASSETS + ASSETS_2023) / (EQUITY + EQUITY_2023),
    "net_debt_to_ebitda_ratio": (DEBT - CASH) / EBITDA,
    "cash_flow_coverage_ratio": CASH_FLOW / DEBT,
    "capex_coverage_ratio": CASH_FLOW / INVESTED,
    "dividend_capex_coverage_ratio": CASH_FLOW / (INVESTED + DIVIDENDS),
    "retained_earnings_to_total_assets_ratio": RETAINED / ASSETS,
    "gross_margin": (REVENUE - COST) / REVENUE,
    "operating_margin": OPERATING / REVENUE,
    "net_profit_margin": NET / REVENUE,
    "ebitda_margin": EBITDA / REVENUE,
    "ebit_to_revenue": OPERATING / REVENUE,
    "income_before_tax_profit_margin": PRETAX / REVENUE,
    "effective_tax_rate": TAX / PRETAX,
    "interest_burden_ratio": PRETAX / OPERATING,
    "tax_burden_ratio": NET / PRETAX,
    "ebt_to_ebit_ratio": PRETAX / OPERATING,
    "net_income_per_ebt": NET / (NET + TAX),
    "return_on_assets": NET / ((ASSETS + ASSETS_2023) / 2),
    "return_on_equity": NET / ((EQUITY + EQUITY_2023) / 2),
    "return_on_capital_employed": OPERATING / (ASSETS - DUE),
    "return_on_tangible_assets": NET / ((ASSETS + ASSETS_2023) / 2),  # no goodwill, no intangibles
    "income_quality_ratio": CASH_FLOW / NET,
    "free_cash_flow_to_operating_cash_flow_ratio": FREE / CASH_FLOW,
    "free_cash_flow_margin": FREE / REVENUE,
    "accruals_ratio": (NET - CASH_FLOW) / ((ASSETS + ASSETS_2023) / 2),
    "r_d_to_revenue_ratio": RESEARCH / REVENUE,
    "stock_based_compensation_to_revenue_ratio": SHARE_PAY / REVENUE,
    "asset_turnover_ratio": REVENUE / ((ASSETS + ASSETS_2023) / 2),
    "fixed_asset_turnover": REVENUE / ((PLANT + PLANT_2023) / 2),
    "inventory_turnover_ratio": COST / ((STOCKS + STOCKS_2023) / 2),
    "days_of_inventory_outstanding": (STOCKS + STOCKS_2023) / 2 / COST * DAYS,
    "receivables_turnover": REVENUE / ((RECEIVABLE + RECEIVABLE_2023) / 2),
    "days_of_sales_outstanding": (RECEIVABLE + RECEIVABLE_2023) / 2 / REVENUE * DAYS,
    "accounts_payable_turnover_ratio": COST / ((PAYABLE + PAYABLE_2023) / 2),
    "days_of_accounts_payable_outstanding": (PAYABLE + PAYABLE_2023) / 2 / COST * DAYS,
    "cash_conversion_efficiency": CASH_FLOW / REVENUE,
    "sga_to_revenue_ratio": SELLING / REVENUE,
    "operating_ratio": (OPERATING_EXPENSE + COST) / REVENUE,
    "capex_to_depreciation_ratio": INVESTED / DEPRECIATION,
    "earnings_per_share": NET / DILUTED,
    "revenue_per_share": REVENUE / DILUTED,
    "book_value_per_share": EQUITY / SHARES,
    "capex_per_share": INVESTED / DILUTED,
    "free_cash_flow_per_share": FREE / DILUTED,
    "dividend_payout_ratio": DIVIDENDS / NET,
    "reinvestment_ratio": 1 - DIVIDENDS / NET,
    "tangible_asset_value": (ASSETS - LIABILITIES) * 1e6,
    "net_current_asset_value": (CURRENT - LIABILITIES) * 1e6,
    "graham_number": sqrt(22.5 * (NET / DILUTED) * (EQUITY / SHARES)),
    "revenue_growth": REVENUE / REVENUE_2023 - 1,
    "operating_income_growth": OPERATING / OPERATING_2023 - 1,
    "earnings_per_share_growth": 6.08 / 6.13 - 1,
    "free_cash_flow_growth": FREE / FREE_2023 - 1,
    "sustainable_growth_rate": NET / ((EQUITY + EQUITY_2023) / 2) * (1 - DIVIDENDS / NET),
    # Six of nine: earnings and cash flow are above zero, cash flow is above earnings, long-term debt fell from 27.0
    # to 23.5 % of assets, shares fell, gross margin rose. Return on assets fell from 27.5 to 25.7 %, the current
    # ratio from 0.988 to 0.867, turnover from 1.087 to 1.071.
    "piotroski_score": 6,
}
SHORT_TERM = CASH_FLOW / -(PAYABLE - RECEIVABLE - STOCKS)
DERIVED = {
    # By the source's tax rate, 24.1 %, and what it calls invested capital: debt and equity.
    "return_on_invested_capital": OPERATING * (1 - 0.241) / ((DEBT + EQUITY + DEBT_2023 + EQUITY_2023) / 2),
    "operating_cycle": WORKED["days_of_inventory_outstanding"] + WORKED["days_of_sales_outstanding"],
    "cash_conversion_cycle": WORKED["days_of_inventory_outstanding"]
    + WORKED["days_of_sales_outstanding"]
    - WORKED["days_of_accounts_payable_outstanding"],
}
# The source's own figures on 14 February 2025: which of them are ours, and how near, for its price is a few minutes
# older than its market cap and its share count a few weeks.
ITS_OWN = {
    "current_ratio": ("financialData", "currentRatio", 1, 1e-3),
    "debt_to_equity_ratio": ("financialData", "debtToEquity", 100, 1e-4),
    "gross_margin": ("financialData", "grossMargins", 1, 1e-5),
    "ebitda_margin": ("financialData", "ebitdaMargins", 1, 1e-5),
    "net_profit_margin": ("financialData", "profitMargins", 1, 1e-5),
    "revenue_per_share": ("financialData", "revenuePerShare", 1, 5e-3),
    "price_to_sales": ("summaryDetail", "priceToSalesTrailing12Months", 1, 5e-3),
    "price_to_earnings": ("summaryDetail", "trailingPE", 1, 5e-3),
    "enterprise_value": ("defaultKeyStatistics", "enterpriseValue", 1, 5e-3),
    "ev_to_sales": ("defaultKeyStatistics", "enterpriseToRevenue", 1, 5e-3),
    "ev_to_ebitda": ("defaultKeyStatistics", "enterpriseToEbitda", 1, 5e-3),
    "price_to_book": ("defaultKeyStatistics", "priceToBook", 1, 5e-3),
    "book_value_per_share": ("defaultKeyStatistics", "bookValue", 1, 1e-3),
}


@pytest.fixture(scope="module")
def fiscal_2024() -> dict[str, float]:
    """Our ratios of the recorded statements."""
    return compute([StockInput(statements("AAPL", "AAPL-all-annual"))])[-1].values


@pytest.mark.parametrize("name", [*WORKED, *DERIVED])
def test_a_ratio_equals_its_working_by_the_report(name: str, fiscal_2024: dict[str, float]) -> None:
    assert fiscal_2024[name] == pytest.approx((WORKED | DERIVED)[name], rel=1e-6)


def test_more_payables_than_receivables_and_inventory_bind_no_money() -> None:
    row = compute([StockInput(statements("AAPL", "AAPL-all-annual"))])[-1]

    assert SHORT_TERM < 0
    assert row.statuses["short_term_coverage_ratio"] == "NEGATIVE_DENOMINATOR"


@pytest.mark.parametrize("name", ITS_OWN)
def test_a_trailing_ratio_is_near_to_the_sources_own(name: str) -> None:
    module, key, factor, near = ITS_OWN[name]
    modules = json_body("quotesummary", "2025-AAPL")["quoteSummary"]["result"][0]
    theirs = json_body("quote", "2025-AAPL")["quoteResponse"]["result"][0]

    assert trailing_of_apple(theirs).values[name] * factor == pytest.approx(modules[module][key], rel=near)
