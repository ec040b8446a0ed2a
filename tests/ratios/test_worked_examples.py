"""Every ratio of one made-up company, with the working shown; no number here comes from the code.

The figures are in companies.py: fiscal 2024 and 2023, and a price of 50 for 100 shares.
"""

from __future__ import annotations

from math import sqrt

import msgspec
import pytest
from companies import BANK_LINES, QUOTE, THIS_YEAR, stock, two_years

from include.ratios.catalog import CATALOG
from include.ratios.compute import compute

DAYS = 365
EV = 5000 + 500 + 20 + 50 - 200  # market cap, debt, minorities, preferred, less cash and short-term investments
EPS = (285 - 10) / 110
EPS_BEFORE = (220 - 10) / 112
BVPS = (800 - 50) / 100

WORKED = {
    # Liquidity
    "current_ratio": 600 / 400,
    "quick_ratio": (150 + 50 + 120) / 400,
    "cash_ratio": (150 + 50) / 400,
    "working_capital": 600 - 400,
    "operating_cash_flow_ratio": 450 / 400,
    "operating_cash_flow_to_sales_ratio": 450 / 3000,
    "short_term_coverage_ratio": 450 / (120 + 180 - 100),
    "working_capital_to_total_assets_ratio": (600 - 400) / 2000,
    "defensive_interval_ratio": (150 + 50 + 120) / ((2620 - 120) / DAYS),
    # Solvency
    "debt_to_assets_ratio": 500 / 2000,
    "debt_to_equity_ratio": 500 / 800,
    "debt_to_capital_ratio": 500 / (500 + 800),
    "long_term_debt_to_equity_ratio": 400 / 800,
    "net_debt_to_equity_ratio": 350 / 800,
    "equity_ratio": 800 / 2000,
    "equity_multiplier": 1900 / 750,
    "retained_earnings_to_total_assets_ratio": 450 / 2000,
    "market_value_of_equity_to_book_value_of_total_liabilities_ratio": 5000 / 1180,
    "altman_z_score": 1.2 * 0.1 + 1.4 * 0.225 + 3.3 * (410 / 2000) + 0.6 * (5000 / 1180) + 3000 / 2000,
    "interest_coverage_ratio": 410 / 30,
    "ebitda_interest_coverage_ratio": 530 / 30,
    "debt_service_coverage_ratio": 530 / (30 + 70),
    "free_cash_flow_yield": 290 / 5000,
    "net_debt_to_ebitda_ratio": 350 / 530,
    "cash_flow_coverage_ratio": 450 / 500,
    "capex_coverage_ratio": 450 / 160,
    "dividend_capex_coverage_ratio": 450 / (160 + 85),
    # Profitability
    "gross_margin": (3000 - 1800) / 3000,
    "operating_margin": 380 / 3000,
    "net_profit_margin": 285 / 3000,
    "ebitda_margin": 530 / 3000,
    "ebit_to_revenue": 410 / 3000,
    "income_before_tax_profit_margin": 380 / 3000,
    "effective_tax_rate": 95 / 380,
    "interest_burden_ratio": 380 / 410,
    "tax_burden_ratio": 285 / 380,
    "ebt_to_ebit_ratio": 380 / 410,
    "net_income_per_ebt": 285 / (285 + 95),
    "income_quality_ratio": 450 / 285,
    "free_cash_flow_to_operating_cash_flow_ratio": 290 / 450,
    "free_cash_flow_margin": 290 / 3000,
    "r_d_to_revenue_ratio": 90 / 3000,
    "stock_based_compensation_to_revenue_ratio": 45 / 3000,
    "return_on_assets": 285 / 1900,
    "return_on_equity": 275 / 750,
    "return_on_invested_capital": 410 * 0.75 / 1250,
    "return_on_capital_employed": 410 / (2000 - 400),
    "return_on_tangible_assets": 285 / ((1800 + 1600) / 2),
    "accruals_ratio": (285 - 450) / 1900,
    # Efficiency
    "asset_turnover_ratio": 3000 / 1900,
    "fixed_asset_turnover": 3000 / 675,
    "inventory_turnover_ratio": 1800 / 170,
    "days_of_inventory_outstanding": 170 / 1800 * DAYS,
    "receivables_turnover": 3000 / 110,
    "days_of_sales_outstanding": 110 / 3000 * DAYS,
    "accounts_payable_turnover_ratio": 1800 / 95,
    "days_of_accounts_payable_outstanding": 95 / 1800 * DAYS,
    "operating_cycle": 170 / 1800 * DAYS + 110 / 3000 * DAYS,
    "cash_conversion_cycle": 170 / 1800 * DAYS + 110 / 3000 * DAYS - 95 / 1800 * DAYS,
    "cash_conversion_efficiency": 450 / 3000,
    "sga_to_revenue_ratio": 600 / 3000,
    "operating_ratio": (820 + 1800) / 3000,
    "capex_to_depreciation_ratio": 160 / 120,
    # Valuation
    "earnings_per_share": EPS,  # 2.50, as the company reports it
    "revenue_per_share": 3000 / 110,
    "book_value_per_share": BVPS,
    "interest_debt_per_share": (30 + 500) / 110,
    "capex_per_share": 160 / 110,
    "free_cash_flow_per_share": 290 / 110,
    "graham_number": sqrt(22.5 * 2.5 * 7.5),
    "tangible_asset_value": 2000 - 1180 - 200,
    "net_current_asset_value": 600 - 1180,
    "price_to_earnings": 50 / 2.5,
    "price_to_earnings_growth": 20 / ((2.5 / 1.875 - 1) * 100),  # earnings per share grew by a third
    "price_to_book": 50 / 7.5,
    "price_to_tangible_book": 5000 / 600,
    "price_to_sales": 5000 / 3000,
    "price_to_cash_flow": 5000 / 450,
    "price_to_free_cash_flow": 5000 / 290,
    "earnings_yield": 2.5 / 50,
    "dividend_yield": 0.8 / 50,
    "weighted_dividend_yield": 75 / 110 / 50,
    "dividend_payout_ratio": 85 / 285,
    "reinvestment_ratio": 1 - 85 / 285,
    "shareholder_yield": (85 + 60 - 15) / 5000,
    "market_cap": 50 * 100,
    "enterprise_value": EV,
    "ev_to_sales": EV / 3000,
    "ev_to_ebitda": EV / 530,
    "ev_to_ebit": EV / 410,
    "ev_to_operating_cash_flow": EV / 450,
    # Growth & scores
    "revenue_growth": 3000 / 2500 - 1,
    "operating_income_growth": 380 / 320 - 1,
    "earnings_per_share_growth": 2.5 / 1.875 - 1,
    "free_cash_flow_growth": 290 / 250 - 1,
    "sustainable_growth_rate": 275 / 750 * (1 - 85 / 285),
    # Nine of nine: earnings and cash are above zero, cash 450 above earnings 285; earnings rose from 12.2 % to
    # 14.25 % of assets, long-term debt fell from 23.3 % to 20 %, the current ratio rose from 1.32 to 1.50, shares
    # fell from 102 to 100, gross margin rose from 38 % to 40 %, turnover from 1.39 to 1.50.
    "piotroski_score": 9,
}
SECTOR = {
    "net_interest_margin_proxy": ("Banks - Regional", 57 / 1900),
    "bank_efficiency_ratio_proxy": ("Banks - Diversified", (600 + 240 + 360) / 3000),
    "loans_to_assets_ratio": ("Banks - Regional", 1200 / 2000),
    "loss_ratio_proxy": ("Insurance - Life", 2100 / 3000),
    "price_to_ffo": ("REIT - Industrial", 5000 / (285 + 120 - 5)),
}


@pytest.fixture(scope="module")
def made() -> dict[str, float]:
    """The values of fiscal 2024."""
    return compute([stock(*two_years())])[-1].values


def test_every_ratio_has_a_worked_example() -> None:
    assert set(WORKED) | set(SECTOR) == set(CATALOG)


@pytest.mark.parametrize("name", WORKED)
def test_a_ratio_equals_its_working(name: str, made: dict[str, float]) -> None:
    assert made[name] == pytest.approx(WORKED[name], rel=1e-12)


@pytest.mark.parametrize("name", SECTOR)
def test_a_sector_ratio_equals_its_working(name: str) -> None:
    industry, expected = SECTOR[name]
    lines = THIS_YEAR | BANK_LINES | {"NetPolicyholderBenefitsAndClaims": 2100, "GainOnSaleOfPPE": 5}
    quote = msgspec.structs.replace(QUOTE, sector="Financial Services", industry=industry)

    row = compute([stock(*two_years(lines), quote=quote)])[-1]

    assert row.values[name] == pytest.approx(expected, rel=1e-12)
