"""Currencies, their sub-units and dated rates."""

from __future__ import annotations

import msgspec
import pytest
from companies import OBSERVED_AT, QUOTE, THIS_YEAR, rates, statement, stock, two_years

from include.contracts.fundamentals import RatioRow, Statement
from include.ratios.compute import compute
from include.ratios.currency import conversion, major, pairs_needed

OF_THE_QUOTE = {
    "price_to_earnings",
    "price_to_sales",
    "market_cap",
    "enterprise_value",
    "free_cash_flow_yield",
    "dividend_yield",
    "altman_z_score",
}


def reporting(currency: str, **lines: float) -> tuple[Statement, ...]:
    return tuple(msgspec.structs.replace(one, currency=currency) for one in two_years(THIS_YEAR | lines))


def latest(*statements: Statement, **more: object) -> RatioRow:
    return compute([stock(*statements, **more)])[-1]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("GBp", ("GBP", 0.01)),
        ("GBX", ("GBP", 0.01)),
        ("ZAc", ("ZAR", 0.01)),
        ("ZAC", ("ZAR", 0.01)),
        ("ILA", ("ILS", 0.01)),
        ("GBP", ("GBP", 1.0)),
        ("USD", ("USD", 1.0)),
    ],
)
def test_sub_units_are_a_hundredth_and_codes_keep_their_case(code: str, expected: tuple[str, float]) -> None:
    assert major(code) == expected


def test_a_rate_is_found_directly_by_its_inverse_and_through_a_third_currency() -> None:
    known = rates(("EUR", "USD", 1.25), ("USD", "JPY", 150.0))

    assert conversion("EUR", "USD", known).factor == 1.25
    assert conversion("USD", "EUR", known).factor == pytest.approx(0.8)
    assert conversion("EUR", "JPY", known).factor == pytest.approx(187.5)
    assert [rate.currency for rate in conversion("EUR", "JPY", known).rates] == ["EUR", "USD"]
    assert not conversion("EUR", "BRL", known).is_known
    assert conversion("GBp", "GBP", {}).factor == 0.01
    assert conversion("EUR", "EUR", {}).factor == 1.0


def test_a_price_in_pence_meets_statements_in_pounds() -> None:
    # The source gives the price in pence, but market cap and dividends in pounds.
    quote = msgspec.structs.replace(QUOTE, currency="GBp", financial_currency="GBP", price=5000.0)
    row = latest(*reporting("GBP"), quote=quote)

    assert row.values["price_to_earnings"] == pytest.approx(20)
    assert row.values["dividend_yield"] == pytest.approx(0.8 / 50)
    assert row.values["market_cap"] == pytest.approx(5000)
    assert row.values["ev_to_ebitda"] == pytest.approx(5370 / 530)


def test_a_price_in_pence_meets_statements_in_dollars() -> None:
    # 4000 pence are 40 pounds are 50 dollars; the market cap of 4000 pounds is 5000 dollars.
    quote = msgspec.structs.replace(QUOTE, currency="GBp", financial_currency="USD", price=4000.0, market_cap=4000.0)
    row = latest(*reporting("USD"), quote=quote, rates=rates(("GBP", "USD", 1.25)))

    assert row.values["price_to_earnings"] == pytest.approx(20)
    assert row.values["market_cap"] == pytest.approx(5000)
    assert row.values["dividend_yield"] == pytest.approx(0.8 / 50)
    assert row.provenance["quote"]["exchange_rates"] == [
        {"currency": "GBP", "quoted_in": "USD", "rate": 1.25, "rate_at": OBSERVED_AT.isoformat()}
    ]


def test_without_a_rate_there_is_a_reason_and_no_number() -> None:
    quote = msgspec.structs.replace(QUOTE, currency="GBp", price=4000.0, market_cap=4000.0)
    row = latest(*reporting("USD"), quote=quote)

    assert {row.statuses[name] for name in OF_THE_QUOTE} == {"CURRENCY_UNRESOLVED"}
    assert row.values["net_profit_margin"] == pytest.approx(285 / 3000)  # needs no rate


def test_statements_in_pence_are_brought_to_pounds() -> None:
    shares = ("OrdinarySharesNumber", "DilutedAverageShares", "TaxRateForCalcs")
    in_pence = {name: value if name in shares else value * 100 for name, value in THIS_YEAR.items()}
    quote = msgspec.structs.replace(QUOTE, currency="GBP", financial_currency="GBP")
    row = latest(statement("annual", "2024-12-31", in_pence, currency="GBp"), quote=quote)

    assert row.provenance["currency"] == "GBP"
    assert row.values["working_capital"] == pytest.approx(200)
    assert row.values["earnings_per_share"] == pytest.approx(2.5)
    assert row.values["price_to_earnings"] == pytest.approx(20)
    assert row.values["return_on_capital_employed"] == pytest.approx(410 / 1600)


def test_a_point_in_another_currency_is_converted_or_unresolved() -> None:
    mixed = statement(
        "annual", "2024-12-31", THIS_YEAR | {"TotalDebt": 4000}, currency="USD", currencies={"TotalDebt": "CNY"}
    )
    known = latest(mixed, rates=rates(("CNY", "USD", 0.125)))
    unknown = latest(mixed)

    assert known.values["debt_to_equity_ratio"] == pytest.approx(500 / 800)
    assert known.provenance["exchange_rates"][0]["rate"] == 0.125
    assert unknown.statuses["debt_to_equity_ratio"] == "CURRENCY_UNRESOLVED"
    assert "debt_to_equity_ratio" not in unknown.values
    assert unknown.values["current_ratio"] == pytest.approx(1.5)


def test_share_counts_are_never_converted() -> None:
    odd = statement(
        "annual",
        "2024-12-31",
        THIS_YEAR,
        currency="USD",
        currencies={"DilutedAverageShares": "CNY", "TotalRevenue": "CNY"},
    )
    row = latest(odd, rates=rates(("CNY", "USD", 0.125)))

    assert row.values["earnings_per_share"] == pytest.approx(2.5)
    assert row.values["revenue_per_share"] == pytest.approx(3000 * 0.125 / 110)


def test_quarters_of_two_currencies_make_a_trailing_year_of_one() -> None:
    ends = ("2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31")
    lines = {"TotalRevenue": 100, "NetIncome": 10, "DilutedAverageShares": 50}
    four = [statement("quarterly", end, lines, currency="EUR" if end < "2024-07" else "USD") for end in ends]
    known = latest(*four, rates=rates(("EUR", "USD", 1.25)))
    unknown = latest(*four)

    assert known.period_type == "trailing"
    assert known.values["revenue_per_share"] == pytest.approx((125 + 125 + 100 + 100) / 50)
    assert unknown.statuses["revenue_per_share"] == "CURRENCY_UNRESOLVED"


def test_statements_without_a_currency_take_the_one_that_the_quote_names() -> None:
    row = latest(*reporting(None))  # type: ignore[arg-type]

    assert row.values["price_to_earnings"] == pytest.approx(20)


def test_the_pairs_needed_lead_to_the_newest_statements_currency() -> None:
    quote = msgspec.structs.replace(QUOTE, currency="GBp", financial_currency="CNY")
    one = stock(
        statement("annual", "2023-12-31", {}, currency="EUR"),
        statement("annual", "2024-12-31", {}, currency="CNY", currencies={"TotalDebt": "USD"}),
        quote=quote,
    )

    assert pairs_needed(one.fundamentals, quote) == {("EUR", "CNY"), ("USD", "CNY"), ("GBP", "CNY")}
    assert pairs_needed(stock(*two_years()).fundamentals, QUOTE) == frozenset()
    assert pairs_needed(stock().fundamentals, QUOTE) == frozenset()
