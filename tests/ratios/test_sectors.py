"""Banks, insurers and REITs get their own ratios and lose those that mean nothing for them."""

from __future__ import annotations

import msgspec
import pytest
from companies import BANK_LINES, QUOTE, THIS_YEAR, statement, stock, two_years

from include.contracts.fundamentals import RatioRow
from include.ratios.catalog import CATALOG
from include.ratios.compute import compute
from include.ratios.profiles import Profile, profile

FULL = THIS_YEAR | BANK_LINES | {"NetPolicyholderBenefitsAndClaims": 2100, "GainOnSaleOfPPE": 5}
BANKS_OWN = {"net_interest_margin_proxy", "bank_efficiency_ratio_proxy", "loans_to_assets_ratio"}
NOT_FOR_FINANCIALS = {
    "current_ratio",
    "quick_ratio",
    "cash_ratio",
    "working_capital",
    "working_capital_to_total_assets_ratio",
    "gross_margin",
    "net_current_asset_value",
}
NOT_FOR_BANKS = NOT_FOR_FINANCIALS | {
    "operating_cash_flow_ratio",
    "interest_coverage_ratio",
    "ebitda_margin",
    "return_on_invested_capital",
    "return_on_capital_employed",
    "enterprise_value",
    "ev_to_sales",
    "ev_to_ebitda",
    "ev_to_ebit",
    "ev_to_operating_cash_flow",
    "altman_z_score",
}


def of(sector: str | None, industry: str | None = None) -> RatioRow:
    quote = msgspec.structs.replace(QUOTE, sector=sector, industry=industry)
    return compute([stock(*two_years(FULL), quote=quote)])[-1]


def without(row: RatioRow, status: str) -> set[str]:
    return {name for name, code in row.statuses.items() if code == status}


@pytest.mark.parametrize(
    ("sector", "industry", "expected"),
    [
        ("Financial Services", "Banks - Regional", Profile.BANK),
        ("Financial Services", "Banks—Diversified", Profile.BANK),
        (None, "Banks - Diversified", Profile.BANK),
        ("Financial Services", "Insurance - Property & Casualty", Profile.INSURER),
        ("Financial Services", "Insurance Brokers", Profile.FINANCIAL),
        ("Financial Services", "Asset Management", Profile.FINANCIAL),
        ("Financial Services", None, Profile.SOME_FINANCIAL),
        ("Real Estate", None, Profile.SOME_REAL_ESTATE),
        ("Real Estate", "REIT - Office", Profile.REIT),
        ("Real Estate", "REIT—Mortgage", Profile.REIT),
        ("Real Estate", "Real Estate - Development", Profile.REAL_ESTATE),
        ("Technology", "Semiconductors", Profile.GENERAL),
        ("Technology", None, Profile.GENERAL),
        (None, "Semiconductors", Profile.UNKNOWN),
        (None, None, Profile.UNKNOWN),
        ("", "", Profile.UNKNOWN),
    ],
)
def test_a_profile_is_read_from_the_sources_words(sector: str | None, industry: str | None, expected: Profile) -> None:
    assert profile(sector, industry) is expected


def test_a_bank_has_no_current_ratio_but_an_interest_margin() -> None:
    row = of("Financial Services", "Banks - Regional")

    assert row.values.keys() >= BANKS_OWN
    assert without(row, "NOT_APPLICABLE_SECTOR") == NOT_FOR_BANKS | {"loss_ratio_proxy", "price_to_ffo"}


def test_an_insurer_has_a_loss_ratio() -> None:
    row = of("Financial Services", "Insurance - Life")

    assert "loss_ratio_proxy" in row.values
    lost = NOT_FOR_FINANCIALS | BANKS_OWN | {"altman_z_score", "price_to_ffo"}
    assert without(row, "NOT_APPLICABLE_SECTOR") == lost


def test_a_reit_is_valued_by_its_funds_from_operations() -> None:
    row = of("Real Estate", "REIT - Retail")

    assert "price_to_ffo" in row.values
    assert without(row, "NOT_APPLICABLE_SECTOR") == BANKS_OWN | {"loss_ratio_proxy", "altman_z_score"}


def test_a_company_of_no_known_sector_gets_no_sector_ratio() -> None:
    row = of(None)

    assert without(row, "SECTOR_UNKNOWN") == BANKS_OWN | {"loss_ratio_proxy", "price_to_ffo"}
    assert without(row, "NOT_APPLICABLE_SECTOR") == set()
    assert row.values["current_ratio"] == pytest.approx(1.5)


def test_a_company_of_no_known_sector_whose_balance_sheet_looks_like_a_banks_may_be_one() -> None:
    current = {"CurrentAssets", "CurrentLiabilities"}
    banks = [
        msgspec.structs.replace(one, lines={name: v for name, v in one.lines.items() if name not in current})
        for one in two_years(FULL)
    ]
    unknown = msgspec.structs.replace(QUOTE, sector=None, industry=None)
    row = compute([stock(*banks, quote=unknown)])[-1]

    # Their interest is what they sell, their debt what they sell it from: no enterprise value, no coverage.
    assert without(row, "SECTOR_UNKNOWN") == NOT_FOR_BANKS | BANKS_OWN | {"loss_ratio_proxy", "price_to_ffo"}
    assert row.values["return_on_equity"] == pytest.approx(275 / 750)
    assert stock(*banks, quote=unknown).profile is Profile.UNCLASSIFIED
    assert stock(*banks).profile is Profile.GENERAL  # who says that it is a software company is believed


def test_an_income_statement_alone_says_nothing_of_the_balance_sheet() -> None:
    income = statement("annual", "2024-12-31", {"TotalRevenue": 100, "NetIncome": 10})

    assert stock(income, quote=None).profile is Profile.UNKNOWN


def test_a_financial_company_of_no_known_industry_may_be_a_bank() -> None:
    row = of("Financial Services")

    assert row.statuses["current_ratio"] == row.statuses["loans_to_assets_ratio"] == "SECTOR_UNKNOWN"
    assert row.statuses["altman_z_score"] == row.statuses["price_to_ffo"] == "NOT_APPLICABLE_SECTOR"


def test_a_ratio_that_does_not_apply_has_no_value_even_where_it_could_be_computed() -> None:
    for row in (of("Financial Services", "Banks - Regional"), of("Technology"), of(None)):
        refused = without(row, "NOT_APPLICABLE_SECTOR") | without(row, "SECTOR_UNKNOWN")
        assert refused
        assert not refused & row.values.keys()


def test_every_ratio_that_is_limited_says_so_in_the_catalogue() -> None:
    limited = {name for name, one in CATALOG.items() if one.not_for or one.only_for}

    assert limited == NOT_FOR_BANKS | BANKS_OWN | {"loss_ratio_proxy", "price_to_ffo"}
