"""Which ratios a status can meet: by hand, so that a new input of a formula shows here."""

from __future__ import annotations

import msgspec
import pytest
from companies import QUOTE, THIS_YEAR, statement, stock, two_years
from test_quoted import OF_THE_QUOTE

from include.contracts.fundamentals import RatioRow
from include.ratios.catalog import CATALOG
from include.ratios.compute import compute
from include.ratios.status import Status

NEED_A_PERIOD_BEFORE = {
    "equity_multiplier",
    "return_on_assets",
    "return_on_equity",
    "return_on_invested_capital",
    "return_on_tangible_assets",
    "accruals_ratio",
    "asset_turnover_ratio",
    "fixed_asset_turnover",
    "inventory_turnover_ratio",
    "days_of_inventory_outstanding",
    "receivables_turnover",
    "days_of_sales_outstanding",
    "accounts_payable_turnover_ratio",
    "days_of_accounts_payable_outstanding",
    "operating_cycle",
    "cash_conversion_cycle",
    "price_to_earnings_growth",
    "revenue_growth",
    "operating_income_growth",
    "earnings_per_share_growth",
    "free_cash_flow_growth",
    "sustainable_growth_rate",
    "piotroski_score",
}
OF_A_DATE_ALONE = {
    "current_ratio",
    "quick_ratio",
    "cash_ratio",
    "working_capital",
    "working_capital_to_total_assets_ratio",
    "debt_to_assets_ratio",
    "debt_to_equity_ratio",
    "debt_to_capital_ratio",
    "long_term_debt_to_equity_ratio",
    "net_debt_to_equity_ratio",
    "equity_ratio",
    "retained_earnings_to_total_assets_ratio",
    "book_value_per_share",
    "tangible_asset_value",
    "net_current_asset_value",
    "equity_multiplier",
    "market_value_of_equity_to_book_value_of_total_liabilities_ratio",
    "price_to_book",
    "price_to_tangible_book",
    "dividend_yield",
    "market_cap",
    "enterprise_value",
}
OF_ONE_SECTOR = {name for name, one in CATALOG.items() if one.only_for}


def having(row: RatioRow, status: str) -> set[str]:
    return {name for name, found in row.statuses.items() if found == status}


def test_exactly_these_ratios_need_the_period_before() -> None:
    first = compute([stock(statement("annual", "2024-12-31", THIS_YEAR))])[-1]

    assert having(first, "MISSING_PRIOR_PERIOD") == NEED_A_PERIOD_BEFORE


def test_no_price_for_a_period_meets_exactly_the_ratios_of_the_quote() -> None:
    older = compute([stock(*two_years())])[0]

    assert having(older, "NO_PRICE_FOR_PERIOD") == OF_THE_QUOTE


def test_an_unresolved_currency_meets_exactly_the_ratios_of_the_quote() -> None:
    row = compute(
        [stock(*two_years(), quote=msgspec.structs.replace(QUOTE, currency="EUR", financial_currency="EUR"))]
    )[-1]

    assert having(row, "CURRENCY_UNRESOLVED") == OF_THE_QUOTE


def test_an_unresolved_point_meets_every_ratio_that_needs_it() -> None:
    for name in ("TotalRevenue", "TotalAssets", "NetIncome"):
        odd = statement("annual", "2024-12-31", THIS_YEAR, currencies={name: "CNY"})
        row = compute([stock(two_years()[0], odd)])[-1]
        line = {"TotalRevenue": "revenue", "TotalAssets": "total_assets", "NetIncome": "net_income"}[name]
        asking = {ratio for ratio, one in CATALOG.items() if line in one.inputs} - OF_ONE_SECTOR

        assert having(row, "CURRENCY_UNRESOLVED") == asking


def test_a_rejected_trailing_year_has_no_ratio_with_a_flow() -> None:
    ends = ("2023-12-31", "2024-03-31", "2024-06-30", "2024-12-31")
    trailing = compute([stock(*(statement("quarterly", end, THIS_YEAR) for end in ends))])[-1]

    flows = CATALOG.keys() - OF_A_DATE_ALONE - OF_ONE_SECTOR
    assert having(trailing, "PERIOD_MISMATCH") == flows - OF_THE_QUOTE
    assert not trailing.values.keys() - OF_A_DATE_ALONE


def test_a_period_before_of_another_length_meets_the_ratios_that_compare_flows() -> None:
    nine_months = statement("annual", "2023-12-31", THIS_YEAR, months=9)
    row = compute([stock(nine_months, statement("annual", "2024-12-31", THIS_YEAR, months=12))])[-1]
    growths = {name for name in NEED_A_PERIOD_BEFORE if name.endswith("_growth")}

    assert having(row, "PERIOD_MISMATCH") == growths | {"piotroski_score"}


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_meaning(status: Status) -> None:
    assert status.meaning
