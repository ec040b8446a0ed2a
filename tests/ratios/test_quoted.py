"""The quote's side: share counts that fit or do not, stale prices, companies of several share classes."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from companies import QUOTE, THIS_YEAR, rates, statement, stock, two_years

from include.contracts.fundamentals import RatioRow
from include.contracts.quotes import Quote
from include.ratios.compute import compute

# The ratios of an ordinary company that need a quote.
OF_THE_QUOTE = {
    "free_cash_flow_yield",
    "market_value_of_equity_to_book_value_of_total_liabilities_ratio",
    "altman_z_score",
    "price_to_earnings",
    "price_to_earnings_growth",
    "price_to_book",
    "price_to_tangible_book",
    "price_to_sales",
    "price_to_cash_flow",
    "price_to_free_cash_flow",
    "earnings_yield",
    "dividend_yield",
    "weighted_dividend_yield",
    "shareholder_yield",
    "market_cap",
    "enterprise_value",
    "ev_to_sales",
    "ev_to_ebitda",
    "ev_to_ebit",
    "ev_to_operating_cash_flow",
}
PER_SHARE = ("price_to_earnings", "price_to_book", "earnings_yield", "weighted_dividend_yield")


def valued(quote: Quote | None, **more: object) -> RatioRow:
    return compute([stock(*two_years(), quote=quote, **more)])[-1]


def changed(**fields: object) -> Quote:
    return msgspec.structs.replace(QUOTE, **fields)


def test_exactly_these_ratios_need_a_quote() -> None:
    without = valued(None)
    nothing = {name for name, status in without.statuses.items() if status == "MISSING_INPUT"}

    assert nothing == OF_THE_QUOTE


def test_a_stale_price_keeps_its_value_and_says_so() -> None:
    fresh, stale = valued(QUOTE), valued(QUOTE, stale_since=date(2025, 2, 28))

    assert {name for name, status in stale.statuses.items() if status == "STALE"} == OF_THE_QUOTE
    assert stale.values == fresh.values
    assert stale.provenance["quote"]["stale_since"] == "2025-02-28"
    assert "STALE" not in fresh.statuses.values()


def test_a_market_cap_that_no_share_count_explains_gives_no_market_cap_and_values_by_the_cap() -> None:
    row = valued(changed(market_cap=5300.0))  # 6 % above 50 x 100

    assert row.statuses["market_cap"] == "SHARE_BASIS_UNVERIFIED"
    assert row.values["price_to_earnings"] == pytest.approx(5300 / 275)
    assert row.values["price_to_book"] == pytest.approx(5300 / 750)
    assert row.values["earnings_yield"] == pytest.approx(275 / 5300)
    assert row.values["weighted_dividend_yield"] == pytest.approx(75 / 5300)
    assert str(row.provenance["quote"]["per_share_valuation"]).startswith("by market cap")
    assert row.provenance["quote"]["market_cap_over_price_times_shares"] == pytest.approx(1.06)


def test_a_difference_of_five_per_cent_is_tolerated() -> None:
    row = valued(changed(market_cap=5249.0))

    assert row.values["market_cap"] == pytest.approx(5000)
    assert row.values["price_to_earnings"] == pytest.approx(20)
    assert "per_share_valuation" not in row.provenance["quote"]


def test_a_depositary_receipt_of_eight_shares_is_valued_by_its_market_cap() -> None:
    # 12.5 receipts of 8 shares each at 400 dollars: price / earnings per share would be 160 instead of 20.
    row = valued(changed(price=400.0, shares_outstanding=12.5))

    assert row.values["market_cap"] == pytest.approx(5000)
    assert row.values["price_to_earnings"] == pytest.approx(5000 / 275)
    assert row.values["price_to_book"] == pytest.approx(5000 / 750)


def test_two_receipts_for_three_shares_are_noticed_too() -> None:
    # 66.67 receipts of 1.5 shares each at 75 dollars: per share the price would be a half too high.
    row = valued(changed(price=75.0, shares_outstanding=5000 / 75))

    assert row.values["price_to_earnings"] == pytest.approx(5000 / 275)
    assert row.values["price_to_book"] == pytest.approx(5000 / 750)


def test_earnings_for_another_number_of_shares_than_the_balance_sheet_counts_are_noticed() -> None:
    # Book value is given for 100 receipts, earnings for the 880 shares behind them.
    lines = THIS_YEAR | {"DilutedAverageShares": 880}
    row = compute([stock(*two_years(lines))])[-1]

    assert row.values["price_to_earnings"] == pytest.approx(5000 / 275)
    assert row.values["price_to_book"] == pytest.approx(5000 / 750)
    assert row.values["market_cap"] == pytest.approx(5000)


def test_a_depositary_receipt_in_another_currency_needs_both_the_rate_and_the_market_cap() -> None:
    receipt = changed(price=50.0, shares_outstanding=12.5, market_cap=625.0, financial_currency="CNY")
    chinese = tuple(msgspec.structs.replace(one, currency="CNY") for one in two_years())
    row = compute([stock(*chinese, quote=receipt, rates=rates(("USD", "CNY", 8.0)))])[-1]

    assert row.values["price_to_earnings"] == pytest.approx(5000 / 275)
    assert row.values["dividend_yield"] == pytest.approx(0.8 / (50 * 8))  # the source gives dividends in CNY


def test_a_company_of_two_share_classes_is_explained_by_its_implied_shares() -> None:
    row = valued(changed(shares_outstanding=60.0, implied_shares_outstanding=100.0))

    assert row.values["market_cap"] == pytest.approx(5000)
    assert row.values["price_to_earnings"] == pytest.approx(20)


def test_buybacks_since_the_balance_sheet_do_not_look_like_a_depositary_receipt() -> None:
    row = valued(changed(shares_outstanding=80.0, market_cap=4000.0))

    assert row.values["price_to_earnings"] == pytest.approx(20)


def test_without_a_number_of_shares_the_market_cap_values() -> None:
    row = valued(changed(shares_outstanding=None))

    assert row.values["price_to_earnings"] == pytest.approx(5000 / 275)
    assert row.statuses["market_cap"] == "MISSING_INPUT"


def test_without_a_market_cap_the_shares_of_the_statements_verify_those_of_the_quote() -> None:
    row = valued(changed(market_cap=None))
    receipt = valued(changed(market_cap=None, shares_outstanding=12.5))
    alone = valued(changed(market_cap=None, shares_outstanding=None))

    assert row.values["price_to_earnings"] == pytest.approx(20)
    assert row.values["market_cap"] == pytest.approx(50 * 100)
    for one in (receipt, alone):
        unverified = {name for name, status in one.statuses.items() if status == "SHARE_BASIS_UNVERIFIED"}
        assert unverified == {*PER_SHARE, "price_to_earnings_growth"}


def test_a_market_cap_and_shares_that_disagree_leave_only_the_market_cap_unverified() -> None:
    row = valued(changed(market_cap=6000.0))

    assert {name for name, status in row.statuses.items() if status == "SHARE_BASIS_UNVERIFIED"} == {"market_cap"}


def test_an_infinite_price_is_a_missing_one() -> None:
    row = valued(changed(price=float("inf"), market_cap=float("nan")))

    assert row.statuses["price_to_sales"] == row.statuses["dividend_yield"] == "MISSING_INPUT"


def test_a_market_cap_is_in_the_major_unit_whatever_the_price_is_in() -> None:
    quote = changed(currency="ZAc", financial_currency="ZAR", price=5000.0)
    rands = statement("annual", "2024-12-31", THIS_YEAR, currency="ZAR")
    row = compute([stock(rands, quote=quote)])[-1]

    assert row.values["price_to_sales"] == pytest.approx(5000 / 3000)
    assert row.values["price_to_earnings"] == pytest.approx(20)


@pytest.mark.parametrize("nothing", [0.0, -3.0])
@pytest.mark.parametrize(
    ("field", "ratio"),
    [("price", "dividend_yield"), ("market_cap", "price_to_sales"), ("shares_outstanding", "market_cap")],
)
def test_a_price_a_worth_or_a_number_of_shares_of_zero_or_below_is_none(field: str, ratio: str, nothing: float) -> None:
    row = valued(changed(**{field: nothing}))

    assert row.statuses[ratio] == "MISSING_INPUT"
    assert all(value > 0 for name, value in row.values.items() if name.startswith(("price_to", "ev_to", "market_cap")))
