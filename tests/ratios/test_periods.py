"""Which periods are compared, averaged and summed."""

from __future__ import annotations

import pytest
from companies import QUOTE, THIS_YEAR, rates, statement, stock, two_years

from include.contracts.fundamentals import RatioRow
from include.ratios.compute import compute

QUARTER = {
    "TotalRevenue": 100,
    "NetIncome": 10,
    "DilutedAverageShares": 50,
    "DilutedEPS": 0.2,
    "TotalAssets": 400,
    "StockholdersEquity": 200,
    "OrdinarySharesNumber": 48,
    "OperatingCashFlow": 12,
    "AccountsReceivable": 30,
}
ENDS = ("2023-12-31", "2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31")


def quarters(*ends: str, **changed: float) -> list:
    return [statement("quarterly", end, QUARTER | changed) for end in ends]


def row(rows: list[RatioRow], period_type: str, number: int = -1) -> RatioRow:
    return [one for one in rows if one.period_type == period_type][number]


def test_a_trailing_year_is_the_sum_of_four_quarters_but_never_of_their_shares() -> None:
    four = [
        statement("quarterly", end, QUARTER | {"NetIncome": income, "DilutedAverageShares": shares})
        for end, income, shares in zip(ENDS[1:], (10, 20, 30, 40), (50, 50, 54, 54), strict=True)
    ]
    trailing = row(compute([stock(*four)]), "trailing")

    assert trailing.period_end.isoformat() == "2024-12-31"
    assert trailing.values["net_profit_margin"] == pytest.approx(100 / 400)
    assert trailing.values["earnings_per_share"] == pytest.approx(100 / 52)  # (50 + 50 + 54 + 54) / 4
    assert trailing.values["book_value_per_share"] == pytest.approx(200 / 48)
    assert trailing.provenance["trailing"] == "the sum of four quarters"


def test_the_sources_trailing_column_is_preferred_and_its_gaps_are_filled() -> None:
    column = statement("trailing", "2024-12-31", {"TotalRevenue": 410, "NetIncome": 41})
    trailing = row(compute([stock(*quarters(*ENDS[1:]), column)]), "trailing")

    assert trailing.values["net_profit_margin"] == pytest.approx(41 / 410)
    assert trailing.values["operating_cash_flow_to_sales_ratio"] == pytest.approx(48 / 410)
    assert trailing.provenance["trailing"] == "the source's own trailing column, gaps filled from four quarters"


def test_gaps_of_a_trailing_column_are_not_filled_from_quarters_that_end_on_another_day() -> None:
    column = statement("trailing", "2025-03-31", {"TotalRevenue": 410, "NetIncome": 41})
    trailing = row(compute([stock(*quarters(*ENDS[1:]), column)]), "trailing")

    assert trailing.statuses["operating_cash_flow_to_sales_ratio"] == "MISSING_INPUT"
    # Its flows end three months after the last balance sheet: they do not belong together.
    assert trailing.statuses["return_on_assets"] == "PERIOD_MISMATCH"


def test_two_half_years_make_a_trailing_year_and_it_is_said() -> None:
    halves = [statement("quarterly", end, QUARTER, months=6) for end in ("2023-12-31", "2024-06-30", "2024-12-31")]
    rows = compute([stock(*halves)])

    assert row(rows, "trailing").values["revenue_per_share"] == pytest.approx(200 / 50)
    assert row(rows, "trailing").provenance["trailing"] == "the sum of two half-years"
    # Half a year has 182.5 days, and the half-year before is its previous period.
    assert row(rows, "quarterly").values["days_of_sales_outstanding"] == pytest.approx(30 / 100 * 182.5)


@pytest.mark.parametrize(
    "ends",
    [
        ("2023-12-31", "2024-03-31", "2024-06-30", "2024-12-31"),  # the third quarter is missing
        ("2023-09-30", "2024-03-31", "2024-06-30", "2024-12-31"),  # so is the fourth of the year before
    ],
)
def test_quarters_with_a_hole_are_no_trailing_year(ends: tuple[str, ...]) -> None:
    rows = compute([stock(*quarters(*ends), *two_years())])
    trailing = row(rows, "trailing")

    assert trailing.statuses["net_profit_margin"] == "PERIOD_MISMATCH"
    assert trailing.values["equity_ratio"] == pytest.approx(200 / 400)  # the balance sheet of that day is all right
    assert str(trailing.provenance["trailing"]).startswith("rejected")
    # The price goes to the latest period that can be valued.
    assert row(rows, "annual").values["price_to_earnings"] == pytest.approx(20)
    assert trailing.statuses["price_to_book"] == "NO_PRICE_FOR_PERIOD"


def test_quarters_and_half_years_together_are_no_trailing_year() -> None:
    mixed = [*quarters("2024-03-31", "2024-12-31"), statement("quarterly", "2024-06-30", QUARTER, months=6)]
    trailing = row(compute([stock(*mixed)]), "trailing")

    assert trailing.statuses["net_profit_margin"] == "PERIOD_MISMATCH"


def test_three_quarters_are_too_few_to_speak_of_a_trailing_year() -> None:
    rows = compute([stock(*quarters(*ENDS[2:]))])

    assert {one.period_type for one in rows} == {"quarterly"}


def test_each_frequency_averages_with_the_right_balance_sheet() -> None:
    assets = dict(zip(ENDS, (100, 200, 300, 400, 600), strict=True))
    five = [statement("quarterly", end, QUARTER | {"TotalAssets": assets[end]}) for end in ENDS]
    years = [
        statement("annual", "2023-12-31", THIS_YEAR | {"TotalAssets": 1000}),
        statement("annual", "2024-12-31", THIS_YEAR | {"TotalAssets": 2000, "NetIncome": 300}),
    ]
    rows = compute([stock(*five, *years)])

    assert row(rows, "quarterly").values["return_on_assets"] == pytest.approx(10 / 500)  # the quarter before
    assert row(rows, "trailing").values["return_on_assets"] == pytest.approx(40 / 350)  # four quarters back
    assert row(rows, "annual").values["return_on_assets"] == pytest.approx(300 / 1500)  # the year before
    assert row(rows, "annual", 0).statuses["return_on_assets"] == "MISSING_PRIOR_PERIOD"
    assert row(rows, "trailing").provenance["previous_period_end"] == "2023-12-31"


def test_trailing_growth_compares_with_the_year_that_ended_a_year_before() -> None:
    eight = [
        *quarters("2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"),
        *quarters("2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31", TotalRevenue=150),
    ]
    five = quarters(*ENDS)
    year = statement("annual", "2023-12-31", THIS_YEAR | {"TotalRevenue": 320})

    assert row(compute([stock(*eight)]), "trailing").values["revenue_growth"] == pytest.approx(0.5)
    # A fiscal year that ended then is that trailing year.
    assert row(compute([stock(*five, year)]), "trailing").values["revenue_growth"] == pytest.approx(400 / 320 - 1)
    # Five quarters alone say nothing of it.
    assert row(compute([stock(*five)]), "trailing").statuses["revenue_growth"] == "MISSING_PRIOR_PERIOD"


@pytest.mark.parametrize(("before", "now"), [("2023-12-30", "2024-12-28"), ("2022-12-25", "2023-12-31")])
def test_years_of_52_and_53_weeks_follow_each_other(before: str, now: str) -> None:
    years = [statement("annual", end, THIS_YEAR) for end in (before, now)]

    assert row(compute([stock(*years)]), "annual").values["revenue_growth"] == 0


def test_a_year_is_not_compared_with_a_transition_period() -> None:
    nine_months = statement("annual", "2023-12-31", THIS_YEAR, months=9)
    year = statement("annual", "2024-12-31", THIS_YEAR, months=12)
    latest = row(compute([stock(nine_months, year)]), "annual")

    assert latest.statuses["revenue_growth"] == "PERIOD_MISMATCH"
    assert latest.values["return_on_assets"] == pytest.approx(285 / 2000)  # balance sheets have no span


def test_a_year_that_ended_two_years_before_is_no_previous_year() -> None:
    years = [statement("annual", end, THIS_YEAR) for end in ("2022-12-31", "2024-12-31")]

    assert row(compute([stock(*years)]), "annual").statuses["revenue_growth"] == "MISSING_PRIOR_PERIOD"


def test_quarters_have_a_quarter_of_the_days() -> None:
    latest = row(compute([stock(*quarters(*ENDS))]), "quarterly")

    assert latest.values["days_of_sales_outstanding"] == pytest.approx(30 / 100 * 91.25)


def test_the_price_belongs_to_the_trailing_year_alone() -> None:
    rows = compute([stock(*quarters(*ENDS), *two_years())])

    assert row(rows, "trailing").values["price_to_sales"] == pytest.approx(5000 / 400)
    others = [one for one in rows if one.period_type != "trailing"]
    assert {one.statuses["price_to_sales"] for one in others} == {"NO_PRICE_FOR_PERIOD"}


def test_a_fiscal_year_that_is_newer_than_the_trailing_year_has_the_price() -> None:
    column = statement("trailing", "2024-06-30", {"TotalRevenue": 410, "NetIncome": 41})
    rows = compute([stock(column, *two_years())])

    assert row(rows, "annual").values["price_to_sales"] == pytest.approx(5000 / 3000)
    assert row(rows, "trailing").statuses["price_to_sales"] == "NO_PRICE_FOR_PERIOD"


def test_a_company_that_changed_its_currency_is_compared_in_one() -> None:
    before = statement("annual", "2023-12-31", {"TotalRevenue": 2000, "TotalAssets": 1000}, currency="EUR")
    now = statement("annual", "2024-12-31", {"TotalRevenue": 3000, "TotalAssets": 1500}, currency="USD")
    known = compute([stock(before, now, rates=rates(("EUR", "USD", 1.25)), quote=QUOTE)])[-1]
    unknown = compute([stock(before, now)])[-1]

    assert known.values["revenue_growth"] == pytest.approx(3000 / 2500 - 1)
    assert known.values["asset_turnover_ratio"] == pytest.approx(3000 / ((1500 + 1250) / 2))
    assert [one["rate"] for one in known.provenance["exchange_rates"]] == [1.25]
    assert unknown.statuses["revenue_growth"] == "CURRENCY_UNRESOLVED"


def test_a_stock_without_statements_has_no_rows() -> None:
    assert compute([stock(), stock(*two_years()), stock()]) == compute([stock(*two_years())])
    assert compute([]) == []


def test_half_years_that_are_labelled_as_quarters_are_known_by_the_fiscal_year_they_make() -> None:
    halves = quarters("2023-12-31", "2024-06-30", "2024-12-31")  # labelled by nobody, so of three months
    year = statement("annual", "2024-12-31", {"TotalRevenue": 200, "NetIncome": 20})
    rows = compute([stock(*halves, year)])

    assert row(rows, "quarterly").values["days_of_sales_outstanding"] == pytest.approx(30 / 100 * 182.5)
    assert row(rows, "quarterly").values["revenue_growth"] == pytest.approx(0)  # on the half-year before
    assert row(rows, "trailing").values["revenue_per_share"] == pytest.approx(200 / 50)
    assert row(rows, "trailing").provenance["trailing"] == "the sum of two half-years"


@pytest.mark.parametrize(
    "year",
    [
        {"TotalRevenue": 400, "NetIncome": 40},  # two quarters of a company that reports four
        {"TotalRevenue": 200, "NetIncome": 40},  # one line fits by chance
        {"TotalAssets": 400},
    ],
)
def test_quarters_six_months_apart_are_no_half_years_without_a_proof(year: dict[str, float]) -> None:
    two_of_four = quarters("2023-12-31", "2024-06-30", "2024-12-31")
    rows = compute([stock(*two_of_four, statement("annual", "2024-12-31", year))])

    assert "trailing" not in {one.period_type for one in rows}
    assert row(rows, "quarterly").statuses["revenue_growth"] == "MISSING_PRIOR_PERIOD"


def test_a_transition_period_of_nine_months_is_no_trailing_year_to_compare_with() -> None:
    nine_months = statement("annual", "2023-12-31", THIS_YEAR | {"TotalRevenue": 300}, months=9)
    trailing = row(compute([stock(*quarters(*ENDS), nine_months)]), "trailing")

    assert trailing.statuses["revenue_growth"] == "MISSING_PRIOR_PERIOD"
    assert trailing.values["asset_turnover_ratio"] == pytest.approx(400 / 400)  # a balance sheet has no span


def test_a_half_years_cash_flow_does_not_meet_a_quarters_revenue() -> None:
    mixed = statement("quarterly", "2024-06-30", QUARTER, months=3, spans={"OperatingCashFlow": 6, "TotalAssets": 6})
    found = row(compute([stock(mixed)]), "quarterly")

    assert found.statuses["operating_cash_flow_to_sales_ratio"] == "PERIOD_MISMATCH"
    assert found.values["net_profit_margin"] == pytest.approx(10 / 100)
    assert found.values["equity_ratio"] == pytest.approx(200 / 400)  # a balance sheet has no span


def test_a_quarter_that_tells_few_flows_is_a_quarter_of_the_trailing_year_all_the_same() -> None:
    thin = {"TotalAssets": 400, "OperatingIncome": 7, "ReconciledDepreciation": 2}
    four = [
        statement("quarterly", ENDS[1], thin),
        *(statement("quarterly", end, QUARTER | {"OperatingIncome": 11}) for end in ENDS[2:]),
    ]
    column = statement("trailing", "2024-12-31", {"TotalRevenue": 400})
    trailing = row(compute([stock(*four, column)]), "trailing")

    assert trailing.values["operating_margin"] == pytest.approx((7 + 11 + 11 + 11) / 400)
