"""The generated market: consistent books, odd cases on purpose, the same from the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
import yfinance.const
from hypothesis import given, settings
from hypothesis import strategies as st

from include.market.world.calendar import quarter_ends
from include.market.world.company import Company
from include.market.world.rates import pair_of, rate
from include.market.world.regions import REGIONS
from include.market.world.statements import books
from include.market.world.world import World, closed_before
from include.scrapers import regions as scraped

AS_OF = date(2026, 11, 20)
WORLD = World(1, 120, closed_before(AS_OF))
STOCKS = [company for code in ("us", "gb", "jp", "hk", "br", "de") for company in WORLD.region(code).values()]


def test_every_region_that_yfinance_knows_has_its_stocks() -> None:
    assert set(REGIONS) == set(yfinance.const.EQUITY_SCREENER_EQ_MAP["region"])
    small = World(3, 7, closed_before(AS_OF))
    assert {code: len(small.region(code)) for code in REGIONS} == dict.fromkeys(REGIONS, 7)


def test_regions_are_named_as_the_scrapers_know_them() -> None:
    assert {r.code: r.name for r in REGIONS.values()} == {r.code: r.name for r in scraped.REGIONS.values()}
    assert {r.code: r.timezone for r in REGIONS.values()} == {r.code: r.timezone for r in scraped.REGIONS.values()}


def test_exchanges_are_those_that_yfinance_knows() -> None:
    known = yfinance.const.EQUITY_SCREENER_EQ_MAP["exchange"]
    for region in REGIONS.values():
        if known[region.code]:
            assert {exchange.code for exchange in region.exchanges} <= set(known[region.code])


def test_the_same_seed_makes_the_same_world_and_more_stocks_begin_with_the_same() -> None:
    again, more = World(1, 120, closed_before(AS_OF)), World(1, 150, closed_before(AS_OF))
    assert list(again.region("jp").values()) == list(WORLD.region("jp").values())
    assert list(more.region("jp").values())[:120] == list(WORLD.region("jp").values())
    some = next(iter(WORLD.region("jp").values()))
    assert again.books(some) == WORLD.books(some)
    assert set(World(2, 120, closed_before(AS_OF)).region("jp")) != set(WORLD.region("jp"))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), code=st.sampled_from(sorted(REGIONS)), nth=st.integers(0, 4))
def test_every_balance_sheet_balances_and_every_cash_flow_explains_the_cash(seed: int, code: str, nth: int) -> None:
    company = list(World(seed, 5, closed_before(AS_OF)).region(code).values())[nth]
    for column in (*books(company, seed, AS_OF).annual, *books(company, seed, AS_OF).quarterly):
        line = column.lines
        if "TotalAssets" not in line:
            continue
        liabilities = line["TotalLiabilitiesNetMinorityInterest"]
        assert line["TotalAssets"] == liabilities + line["TotalEquityGrossMinorityInterest"]
        assert line["BeginningCashPosition"] + line["ChangesInCash"] == line["EndCashPosition"]
        assert line["EndCashPosition"] == line["CashAndCashEquivalents"] >= 0
        flows = line["OperatingCashFlow"] + line["InvestingCashFlow"] + line["FinancingCashFlow"]
        assert flows == line["ChangesInCash"]


def test_trailing_flows_are_the_sum_of_the_last_four_quarters() -> None:
    checked = 0
    for company in STOCKS:
        found = WORLD.books(company)
        if company.cadence == "quarterly" and len(found.quarterly) >= 4:
            trailing, quarters = found.trailing[0].lines, [c.lines for c in found.quarterly[-4:]]
            for line in ("TotalRevenue", "NetIncome", "OperatingCashFlow"):
                assert trailing[line] == sum(quarter[line] for quarter in quarters)
            checked += 1
    assert checked > 300


def test_a_year_is_the_sum_of_its_quarters() -> None:
    for company in STOCKS:
        found = WORLD.books(company)
        ends = [column.end for column in found.quarterly]
        if company.cadence == "quarterly" and len(ends) == 5 and found.annual[-1].end in ends[-2:]:
            last = ends.index(found.annual[-1].end)
            year = [column.lines["TotalRevenue"] for column in found.quarterly[last - 3 : last + 1]]
            assert sum(year) == found.annual[-1].lines["TotalRevenue"]


def test_banks_and_insurers_lack_what_they_lack_in_life() -> None:
    lacking = {"CurrentAssets", "CurrentLiabilities", "GrossProfit", "CostOfRevenue", "EBITDA", "Inventory"}
    for kind, own in (("bank", "NetInterestIncome"), ("insurer", "NetPolicyholderBenefitsAndClaims")):
        found = [c for c in STOCKS if c.industry.kind == kind]
        assert found
        for company in found:
            lines = WORLD.books(company).annual[-1].lines
            assert not lacking & lines.keys()
            assert own in lines


def test_the_market_has_every_oddity_that_ratios_must_survive() -> None:
    cadences = Counter(company.cadence for company in STOCKS)
    assert all(cadences[name] > 5 for name in ("quarterly", "half-yearly", "yearly"))
    assert any(c.financial_currency != c.region.major for c in STOCKS)
    assert any(c.statement_shares != c.shares for c in STOCKS), "an ADR"
    assert any(c.listed_shares != c.shares for c in STOCKS), "a class of shares"
    assert any(c.market_cap is None for c in STOCKS)
    equities = [WORLD.books(c).latest_equity for c in STOCKS]
    assert any(e < 0 for e in equities)
    assert sum(WORLD.books(c).latest_net_income < 0 for c in STOCKS) > 30
    lines = [WORLD.books(c).annual[-1].lines for c in STOCKS]
    assert any("DilutedEPS" not in found for found in lines), "a missing row"
    assert any(WORLD.books(c).second_currency for c in STOCKS), "two currencies in one answer"


def test_who_reports_by_the_half_year_has_half_years_and_who_reports_yearly_has_nothing_else() -> None:
    for company in STOCKS:
        found = WORLD.books(company)
        spans = {column.span for column in found.quarterly}
        expected = {"quarterly": {"3M"}, "half-yearly": {"6M"}, "yearly": set()}[company.cadence]
        assert spans == expected
        assert bool(found.trailing) == (company.cadence != "yearly")


def test_the_trailing_year_of_who_reports_by_the_half_year_ends_with_a_half_year() -> None:
    half_yearly = [one for one in WORLD.region("au").values() if one.cadence == "half-yearly"]
    ends = [(WORLD.books(one).trailing[0].end, WORLD.books(one).quarterly[-1].end) for one in half_yearly]
    assert len(ends) > 20
    assert all(trailing == half for trailing, half in ends)


@pytest.mark.parametrize("company", [c for c in STOCKS if c.fiscal_saturday][:5], ids=lambda c: c.symbol)
def test_a_52_or_53_week_year_ends_on_a_saturday(company: Company) -> None:
    ends = [column.end for column in WORLD.books(company).annual]
    assert {end.weekday() for end in ends} == {5}
    assert {(b - a).days for a, b in pairwise(ends)} <= {364, 371}


@given(month=st.integers(1, 12), last=st.dates(date(2015, 1, 1), date(2035, 1, 1)), saturday=st.booleans())
def test_quarters_end_three_months_apart_and_never_after_today(month: int, last: date, saturday: bool) -> None:
    ends = quarter_ends(month, saturday, last, 8)
    assert len(ends) == 8
    assert ends[-1] <= last
    assert all(84 <= (b - a).days <= 98 for a, b in pairwise(ends))


def test_pence_are_pence_and_caps_are_pounds() -> None:
    for company in WORLD.region("gb").values():
        assert company.region.currency == "GBp"
        assert company.worth == pytest.approx(company.price / 100 * company.shares, abs=1)


def test_the_last_session_is_the_last_one_that_closed() -> None:
    sunday_noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    world = World(1, 1, sunday_noon)
    assert world.last_close(REGIONS["us"]).astimezone(UTC) == datetime(2026, 11, 20, 21, tzinfo=UTC)
    assert world.last_close(REGIONS["sa"]).astimezone(UTC) == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert world.last_close(REGIONS["jp"]).astimezone(UTC) == datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def test_rates_are_crossed_and_unknown_ones_are_not_invented() -> None:
    assert pair_of("EURUSD=X") == ("EUR", "USD")
    assert pair_of("JPY=X") == ("USD", "JPY")
    assert pair_of("GBpUSD=X") is None
    assert pair_of("AAPL") is None
    assert rate("GBP", "JPY") == pytest.approx((rate("GBP", "USD") or 0) * (rate("USD", "JPY") or 0))
