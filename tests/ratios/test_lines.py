"""Statement lines: fallbacks that are recorded, signs, and what absence means."""

from __future__ import annotations

import pytest
from companies import THIS_YEAR, YEAR_BEFORE, stock, two_years

from include.contracts.fundamentals import RatioRow
from include.ratios.compute import compute
from include.ratios.rows import ROWS, TYPES
from include.ratios.statement import LINES


def without(*rows: str, **instead: float) -> RatioRow:
    """Fiscal 2024 where both years lack some rows and this year has others."""
    this = {name: value for name, value in THIS_YEAR.items() if name not in rows} | instead
    before = {name: value for name, value in YEAR_BEFORE.items() if name not in rows}
    return compute([stock(*two_years(this, before))])[-1]


FALLBACKS = [
    ("revenue", ("TotalRevenue",), {"OperatingRevenue": 2900}, "operating_margin", 380 / 2900),
    ("cost_of_revenue", ("CostOfRevenue",), {"ReconciledCostOfRevenue": 1700}, "gross_margin", 1300 / 3000),
    ("cost_of_revenue", ("CostOfRevenue",), {"GrossProfit": 1100}, "gross_margin", 1100 / 3000),
    ("ebit", ("EBIT",), {}, "ebit_to_revenue", 380 / 3000),
    ("ebit", ("EBIT", "OperatingIncome"), {}, "ebit_to_revenue", (380 + 30) / 3000),
    (
        "interest_expense",
        ("InterestExpense",),
        {"InterestExpenseNonOperating": 25},
        "interest_coverage_ratio",
        410 / 25,
    ),
    (
        "interest_expense",
        ("InterestExpense",),
        {"InterestPaidSupplementalData": 20},
        "interest_coverage_ratio",
        410 / 20,
    ),
    (
        "depreciation_and_amortization",
        ("DepreciationAndAmortization",),
        {"DepreciationAmortizationDepletion": 100},
        "capex_to_depreciation_ratio",
        1.6,
    ),
    (
        "depreciation_and_amortization",
        ("DepreciationAndAmortization",),
        {"ReconciledDepreciation": 80},
        "capex_to_depreciation_ratio",
        2.0,
    ),
    ("receivables", ("AccountsReceivable",), {"Receivables": 130}, "quick_ratio", (150 + 50 + 130) / 400),
    ("short_term_investments", ("OtherShortTermInvestments",), {}, "cash_ratio", 200 / 400),
    (
        "total_debt",
        ("TotalDebt",),
        {"CurrentDebtAndCapitalLeaseObligation": 80, "LongTermDebtAndCapitalLeaseObligation": 440},
        "debt_to_assets_ratio",
        520 / 2000,
    ),
    ("net_debt", ("NetDebt",), {"CurrentDebt": 60}, "net_debt_to_equity_ratio", (60 + 400 - 150) / 800),
    ("net_debt", ("NetDebt",), {"CapitalLeaseObligations": 40}, "net_debt_to_equity_ratio", (500 - 40 - 150) / 800),
    ("net_debt", ("NetDebt",), {}, "net_debt_to_equity_ratio", (500 - 150) / 800),
    ("stockholders_equity", ("StockholdersEquity",), {"CommonStockEquity": 750}, "equity_ratio", 750 / 2000),
    (
        "goodwill_and_intangibles",
        ("GoodwillAndOtherIntangibleAssets",),
        {"CommonStockEquity": 800},
        "tangible_asset_value",
        2000 - 1180 - (800 - 600),
    ),
    (
        "ordinary_shares",
        ("OrdinarySharesNumber",),
        {"ShareIssued": 120, "TreasurySharesNumber": 20},
        "book_value_per_share",
        7.5,
    ),
    ("common_dividends_paid", ("CommonStockDividendPaid",), {}, "weighted_dividend_yield", 85 / 110 / 50),
]


@pytest.mark.parametrize(("line", "missing", "instead", "ratio", "expected"), FALLBACKS)
def test_a_fallback_is_used_and_recorded(
    line: str, missing: tuple[str, ...], instead: dict[str, float], ratio: str, expected: float
) -> None:
    row = without(*missing, **instead)

    assert row.values[ratio] == pytest.approx(expected)
    assert row.provenance["fallbacks"][line] in LINES[line].text[1:]


def test_first_choices_leave_no_note() -> None:
    row = compute([stock(*two_years())])[-1]

    assert "fallbacks" not in row.provenance
    assert row.provenance["taken_as_none"] == ["gain_on_sale_of_ppe"]


@pytest.mark.parametrize(
    ("row_name", "ratios"),
    [
        ("ResearchAndDevelopment", ["r_d_to_revenue_ratio"]),
        ("StockBasedCompensation", ["stock_based_compensation_to_revenue_ratio"]),
        ("SellingGeneralAndAdministration", ["sga_to_revenue_ratio"]),
        ("LongTermDebt", ["long_term_debt_to_equity_ratio", "piotroski_score"]),
        ("RepaymentOfDebt", ["debt_service_coverage_ratio"]),
        (
            "Inventory",
            [
                "short_term_coverage_ratio",
                "inventory_turnover_ratio",
                "days_of_inventory_outstanding",
                "operating_cycle",
                "cash_conversion_cycle",
            ],
        ),
        (
            "CashDividendsPaid",
            [
                "dividend_capex_coverage_ratio",
                "dividend_payout_ratio",
                "reinvestment_ratio",
                "sustainable_growth_rate",
            ],
        ),
        ("GoodwillAndOtherIntangibleAssets", ["return_on_tangible_assets", "tangible_asset_value"]),
    ],
)
def test_a_line_that_a_company_does_not_report_is_not_zero(row_name: str, ratios: list[str]) -> None:
    row = without(row_name)

    assert {name for name, status in row.statuses.items() if status == "NOT_REPORTED"} == set(ratios)


def test_a_line_of_a_statement_that_is_not_there_is_missing() -> None:
    cash_flow = [row.name for row in ROWS if row.part == "cash_flow"]

    assert without(*cash_flow).statuses["dividend_payout_ratio"] == "MISSING_INPUT"


@pytest.mark.parametrize(
    ("row_name", "line", "ratio", "expected"),
    [
        ("PreferredStockDividends", "preferred_dividends", "earnings_per_share", 285 / 110),
        ("PreferredStockEquity", "preferred_equity", "book_value_per_share", 8.0),
        ("MinorityInterest", "minority_interest", "enterprise_value", 5000 + 500 + 50 - 200),
    ],
)
def test_an_adjustment_that_is_not_reported_is_taken_as_none_and_said(
    row_name: str, line: str, ratio: str, expected: float
) -> None:
    row = without(row_name)

    assert row.values[ratio] == pytest.approx(expected)
    assert line in row.provenance["taken_as_none"]


def test_shareholder_yield_adds_what_is_reported() -> None:
    assert without("RepurchaseOfCapitalStock").values["shareholder_yield"] == pytest.approx((85 - 15) / 5000)
    nothing = ("CashDividendsPaid", "RepurchaseOfCapitalStock", "IssuanceOfCapitalStock")
    assert without(*nothing).statuses["shareholder_yield"] == "NOT_REPORTED"


def test_negative_equity_gives_no_ratio_at_either_date() -> None:
    owners = {
        "debt_to_equity_ratio",
        "equity_multiplier",
        "return_on_equity",
        "price_to_book",
        "sustainable_growth_rate",
    }
    now = without(StockholdersEquity=-100)
    before = compute([stock(*two_years(before=YEAR_BEFORE | {"StockholdersEquity": -100}))])[-1]

    assert {now.statuses[name] for name in owners} == {"NEGATIVE_DENOMINATOR"}
    averaged = {"equity_multiplier", "return_on_equity", "sustainable_growth_rate"}
    assert {before.statuses[name] for name in averaged} == {"NEGATIVE_DENOMINATOR"}
    assert before.values["debt_to_equity_ratio"] == pytest.approx(500 / 800)


def test_a_piotroski_score_needs_all_nine_tests_and_says_how_many_there_are() -> None:
    row = without("CostOfRevenue")

    assert row.statuses["piotroski_score"] == "MISSING_INPUT"
    assert row.provenance["piotroski"] == {"testable": 8, "passed": 8}


def test_numbers_that_are_none_are_missing() -> None:
    row = without(TotalAssets=float("nan"), CurrentLiabilities=float("inf"))

    assert row.statuses["equity_ratio"] == row.statuses["current_ratio"] == "MISSING_INPUT"


def test_a_sum_that_floats_cannot_hold_is_not_meaningful() -> None:
    row = without("EBIT", "OperatingIncome", PretaxIncome=1.7e308, InterestExpense=1.7e308)

    assert row.statuses["ebit_to_revenue"] == row.statuses["interest_burden_ratio"] == "NOT_MEANINGFUL"


def test_one_request_asks_for_every_row_in_about_five_kilobytes() -> None:
    assert len(TYPES) == len(set(TYPES)) == 182
    assert {"annualTotalRevenue", "quarterlyTotalAssets", "trailingOperatingCashFlow"} <= set(TYPES)
    assert not [name for name in TYPES if name.startswith("trailing") and "TotalAssets" in name]
    assert len(",".join(TYPES)) < 5300


def test_every_row_is_one_that_the_source_knows() -> None:
    const = pytest.importorskip("yfinance.const")
    known = {name for names in const.fundamentals_keys.values() for name in names}

    assert {row.name for row in ROWS} <= known


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        (
            "CashDividendsPaid",
            "dividend_payout_ratio reinvestment_ratio dividend_capex_coverage_ratio shareholder_yield",
        ),
        ("CapitalExpenditure", "capex_coverage_ratio capex_per_share capex_to_depreciation_ratio"),
        ("RepaymentOfDebt", "debt_service_coverage_ratio"),
        ("CommonStockDividendPaid", "weighted_dividend_yield"),
    ],
)
def test_money_that_comes_in_where_it_can_only_go_out_gives_no_number(row: str, refused: str) -> None:
    slip = compute([stock(*two_years(THIS_YEAR | {row: 20}))])[-1]

    assert {slip.statuses.get(name) for name in refused.split()} == {"NOT_MEANINGFUL"}
