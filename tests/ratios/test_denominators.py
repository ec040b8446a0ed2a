"""What every ratio answers when its denominator is zero or below, or when an input is missing.

One table says by hand what each ratio is divided by; the numbers around it are all above zero.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from include.ratios.catalog import CATALOG
from include.ratios.status import Status

ZERO, NEGATIVE, NM = Status.ZERO_DENOMINATOR, Status.NEGATIVE_DENOMINATOR, Status.NOT_MEANINGFUL

# Above zero everywhere, and such that no difference in a denominator is zero or below.
PLAIN: dict[str, float] = {
    "revenue": 200.0,
    "total_assets": 500.0,
    "previous_total_assets": 450.0,
    "total_expenses": 150.0,
    "net_income": 20.0,
    "previous_net_income": 15.0,
    "current_assets": 90.0,
    "stockholders_equity": 30.0,
    "previous_stockholders_equity": 25.0,
    "tax_rate": 0.25,
    "days": 365.0,
}

DIVIDED_BY: dict[str, str] = {
    "current_liabilities": "current_ratio quick_ratio cash_ratio operating_cash_flow_ratio",
    "revenue": """operating_cash_flow_to_sales_ratio gross_margin operating_margin net_profit_margin ebitda_margin
        ebit_to_revenue income_before_tax_profit_margin free_cash_flow_margin r_d_to_revenue_ratio
        stock_based_compensation_to_revenue_ratio cash_conversion_efficiency sga_to_revenue_ratio operating_ratio
        days_of_sales_outstanding operating_cycle cash_conversion_cycle price_to_sales ev_to_sales
        bank_efficiency_ratio_proxy loss_ratio_proxy""",
    "total_assets": """working_capital_to_total_assets_ratio debt_to_assets_ratio equity_ratio
        retained_earnings_to_total_assets_ratio altman_z_score loans_to_assets_ratio piotroski_score""",
    "stockholders_equity": """debt_to_equity_ratio long_term_debt_to_equity_ratio net_debt_to_equity_ratio
        equity_multiplier return_on_equity sustainable_growth_rate""",
    "previous_stockholders_equity": "equity_multiplier return_on_equity sustainable_growth_rate",
    "total_liabilities": "market_value_of_equity_to_book_value_of_total_liabilities_ratio altman_z_score",
    "ebitda": "net_debt_to_ebitda_ratio ev_to_ebitda",
    "capital_expenditure": "capex_coverage_ratio",
    "market_cap": "free_cash_flow_yield shareholder_yield",
    "pretax_income": "effective_tax_rate tax_burden_ratio",
    "ebit": "interest_burden_ratio ebt_to_ebit_ratio ev_to_ebit",
    "net_income": "income_quality_ratio dividend_payout_ratio reinvestment_ratio",
    "operating_cash_flow": """free_cash_flow_to_operating_cash_flow_ratio price_to_cash_flow
        ev_to_operating_cash_flow""",
    "cost_of_revenue": """days_of_inventory_outstanding days_of_accounts_payable_outstanding operating_cycle
        cash_conversion_cycle""",
    "depreciation_and_amortization": "capex_to_depreciation_ratio",
    "diluted_shares": """earnings_per_share revenue_per_share interest_debt_per_share capex_per_share
        free_cash_flow_per_share price_to_earnings price_to_earnings_growth earnings_yield weighted_dividend_yield
        graham_number""",
    "ordinary_shares": "book_value_per_share price_to_book graham_number",
    "tangible_book_value": "price_to_tangible_book",
    "free_cash_flow": "price_to_free_cash_flow",
    "price": "dividend_yield",
    "comparable_price": "earnings_yield weighted_dividend_yield",
    "previous_revenue": "piotroski_score",
    "previous_diluted_shares": "price_to_earnings_growth",
    "previous_current_liabilities": "piotroski_score",
}
# A denominator that is a sum, a difference or an average: the inputs that make it zero, and those that make it
# negative, beside the plain numbers.
COMBINED: dict[str, tuple[dict[str, float], dict[str, float]]] = {
    "short_term_coverage_ratio": ({"payables": 20.0}, {"payables": 21.0}),
    "defensive_interval_ratio": ({"total_expenses": 10.0}, {"total_expenses": 9.0}),
    "debt_to_capital_ratio": ({"stockholders_equity": -10.0}, {"stockholders_equity": -11.0}),
    "debt_service_coverage_ratio": (
        {"interest_expense": 0.0, "debt_repayment": 0.0},
        {"interest_expense": -1.0, "debt_repayment": 0.0},
    ),
    "dividend_capex_coverage_ratio": ({"capital_expenditure": -10.0}, {"capital_expenditure": -11.0}),
    "net_income_per_ebt": ({"tax_provision": -20.0}, {"tax_provision": -21.0}),
    "return_on_assets": (
        {"total_assets": 0.0, "previous_total_assets": 0.0},
        {"total_assets": -1.0, "previous_total_assets": 0.0},
    ),
    "return_on_invested_capital": ({"invested_capital": -10.0}, {"invested_capital": -11.0}),
    "return_on_capital_employed": ({"current_liabilities": 500.0}, {"current_liabilities": 501.0}),
    "return_on_tangible_assets": (
        {"goodwill_and_intangibles": 500.0, "previous_goodwill_and_intangibles": 450.0},
        {"goodwill_and_intangibles": 501.0, "previous_goodwill_and_intangibles": 450.0},
    ),
    "accruals_ratio": (
        {"total_assets": 0.0, "previous_total_assets": 0.0},
        {"total_assets": -1.0, "previous_total_assets": 0.0},
    ),
    "asset_turnover_ratio": (
        {"total_assets": 0.0, "previous_total_assets": 0.0},
        {"total_assets": -1.0, "previous_total_assets": 0.0},
    ),
    "net_interest_margin_proxy": (
        {"total_assets": 0.0, "previous_total_assets": 0.0},
        {"total_assets": -1.0, "previous_total_assets": 0.0},
    ),
    "fixed_asset_turnover": ({"net_ppe": -10.0}, {"net_ppe": -11.0}),
    "inventory_turnover_ratio": ({"inventory": -10.0}, {"inventory": -11.0}),
    "receivables_turnover": ({"receivables": -10.0}, {"receivables": -11.0}),
    "accounts_payable_turnover_ratio": ({"payables": -10.0}, {"payables": -11.0}),
    "price_to_earnings": ({"preferred_dividends": 20.0}, {"preferred_dividends": 21.0}),
    "price_to_book": ({"preferred_equity": 30.0}, {"preferred_equity": 31.0}),
    "price_to_ffo": ({"gain_on_sale_of_ppe": 30.0}, {"gain_on_sale_of_ppe": 31.0}),
}
SPECIAL_ZERO = {
    "interest_coverage_ratio": ("interest_expense", Status.NO_DEBT_COST),
    "ebitda_interest_coverage_ratio": ("interest_expense", Status.NO_DEBT_COST),
    "cash_flow_coverage_ratio": ("total_debt", Status.NO_DEBT),
}
UNDIVIDED = {
    "working_capital",
    "tangible_asset_value",
    "net_current_asset_value",
    "market_cap",
    "enterprise_value",
}
GROWTHS = ("revenue_growth", "operating_income_growth", "earnings_per_share_growth", "free_cash_flow_growth")
PAIRS = [(name, by) for by, names in DIVIDED_BY.items() for name in names.split()]
# The market cap is the second choice of per-share valuation: without it the first one still stands.
SECOND_CHOICE = {"price_to_earnings", "price_to_earnings_growth", "price_to_book", "earnings_yield"} | {
    "weighted_dividend_yield"
}


def numbers(name: str, **changed: float) -> dict[str, float]:
    """The plain inputs of a ratio, some of them changed."""
    plain = {one: PLAIN.get(one, 5.0 if one.startswith("previous_diluted") else 10.0) for one in CATALOG[name].inputs}
    if "previous_diluted_shares" in plain:
        plain["previous_diluted_shares"] = 20.0  # earnings per share grew
    return plain | changed


def test_the_table_covers_every_ratio() -> None:
    assert {name for name, _ in PAIRS} | set(COMBINED) | set(SPECIAL_ZERO) | set(GROWTHS) | UNDIVIDED == set(CATALOG)


@pytest.mark.parametrize("name", CATALOG)
def test_plain_numbers_give_a_number(name: str) -> None:
    result = CATALOG[name](**numbers(name))

    assert result.status == Status.OK
    assert math.isfinite(float(result))


@pytest.mark.parametrize(("name", "by"), PAIRS)
def test_a_denominator_of_zero_or_below_gives_a_reason(name: str, by: str) -> None:
    zero, negative = (CATALOG[name](**numbers(name, **{by: value})) for value in (0.0, -10.0))

    assert (Status(int(zero.status)), Status(int(negative.status))) == (ZERO, NEGATIVE)
    assert math.isnan(float(zero))
    assert math.isnan(float(negative))


@pytest.mark.parametrize("name", COMBINED)
def test_a_combined_denominator_of_zero_or_below_gives_a_reason(name: str) -> None:
    zero, negative = (CATALOG[name](**numbers(name, **changed)) for changed in COMBINED[name])

    assert (Status(int(zero.status)), Status(int(negative.status))) == (ZERO, NEGATIVE)


@pytest.mark.parametrize("name", SPECIAL_ZERO)
def test_no_debt_and_no_interest_have_names_of_their_own(name: str) -> None:
    by, status = SPECIAL_ZERO[name]

    assert CATALOG[name](**numbers(name, **{by: 0.0})).status == status
    assert CATALOG[name](**numbers(name, **{by: -1.0})).status == NEGATIVE


@pytest.mark.parametrize(("name", "one"), [(name, one) for name, ratio in CATALOG.items() for one in ratio.inputs])
def test_a_missing_input_is_never_zero(name: str, one: str) -> None:
    result = CATALOG[name](**numbers(name, **{one: math.nan}))

    if one == "market_cap" and name in SECOND_CHOICE:
        assert result.status == Status.OK
    else:
        assert result.status == Status.MISSING_INPUT
        assert math.isnan(float(result))


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("revenue_growth", {"revenue": -1.0}),
        ("operating_income_growth", {"operating_income": -1.0}),
        ("earnings_per_share_growth", {"diluted_eps": -1.0}),
        ("free_cash_flow_growth", {"free_cash_flow": -1.0}),
        ("revenue_growth", {"previous_revenue": -1.0}),
        ("operating_income_growth", {"previous_operating_income": -1.0}),
        ("earnings_per_share_growth", {"previous_diluted_eps": -1.0}),
        ("free_cash_flow_growth", {"previous_free_cash_flow": -1.0}),
        ("graham_number", {"net_income": -20.0}),
        ("graham_number", {"stockholders_equity": -20.0}),
        ("price_to_earnings_growth", {"previous_net_income": 80.0}),
        ("current_ratio", {"current_liabilities": 5e-324}),
    ],
)
def test_a_change_of_sign_or_a_number_out_of_range_is_not_meaningful(name: str, changed: dict[str, float]) -> None:
    result = CATALOG[name](**numbers(name, **changed))

    assert result.status == NM
    assert math.isnan(float(result))


@pytest.mark.parametrize("name", GROWTHS)
def test_growth_from_nothing_or_from_one_loss_to_another_says_what_it_was_divided_by(name: str) -> None:
    from_nothing, among_losses = (CATALOG[name](now, before) for now, before in ((80.0, 0.0), (-80.0, -40.0)))

    assert (Status(int(from_nothing.status)), Status(int(among_losses.status))) == (ZERO, NEGATIVE)


def test_a_fall_to_nothing_is_a_growth_of_minus_one() -> None:
    assert float(CATALOG["revenue_growth"](0.0, 80.0)) == -1.0


def test_a_price_over_income_per_zero_shares_is_not_zero() -> None:
    # In IEEE arithmetic 50 / (100 / 0) is 0.0: a multiple that no screen would question.
    multiple = CATALOG["price_to_earnings"](50.0, 5000.0, 100.0, 0.0, 0.0)

    assert multiple.status == ZERO
    assert math.isnan(float(multiple))


@pytest.mark.parametrize("name", CATALOG)
def test_a_column_gives_what_its_numbers_give_one_by_one(name: str) -> None:
    ratio = CATALOG[name]
    columns = {one: np.array([value, value * 1.1, math.nan, -value]) for one, value in numbers(name).items()}

    together = ratio(**columns)

    for place in range(4):
        alone = ratio(**{one: column[place] for one, column in columns.items()})
        assert (together.value[place], together.status[place]) == pytest.approx(
            (float(alone), int(alone.status)), nan_ok=True, rel=1e-12
        )
