"""Why a number is what it is."""

from __future__ import annotations

import json
from datetime import date

import msgspec
import pytest
from companies import QUOTE, THIS_YEAR, rates, statement, stock, two_years

from include.errors import ConfigurationError, Permanent
from include.ratios.catalog import CATALOG
from include.ratios.compute import compute
from include.ratios.explain import Explanation, InputUsed, explain
from include.ratios.present import as_object


def used(explanation: Explanation, name: str) -> InputUsed:
    return next(one for one in explanation.inputs if one.name == name)


def test_a_ratio_is_explained_by_its_formula_inputs_rows_and_periods() -> None:
    found = explain(stock(*two_years()), "return_on_assets")

    assert found.value == pytest.approx(285 / 1900)
    assert found.status == "OK"
    assert found.formula == "net_income / average(total_assets)"
    assert (found.period_type, found.period_end) == ("annual", date(2024, 12, 31))
    assert found.previous_period_end == date(2023, 12, 31)
    assert found.currency == "USD"
    before = used(found, "previous_total_assets")
    assert (before.value, before.period_end, before.definition) == (1800.0, date(2023, 12, 31), "TotalAssets")
    assert [(row.row, row.value) for row in used(found, "net_income").rows] == [("NetIncome", 285.0)]


@pytest.mark.parametrize("name", CATALOG)
def test_an_explanation_gives_the_value_and_status_of_the_row(name: str) -> None:
    one = stock(*two_years())
    for row in compute([one]):
        found = explain(one, name, row.period_type, row.period_end)
        assert found.value == row.values.get(name)
        assert found.status == row.statuses.get(name, "OK")
        assert found.status == "OK" or found.meaning


def test_a_fallback_shows_the_rows_it_was_made_of() -> None:
    lines = {name: value for name, value in THIS_YEAR.items() if name not in ("EBIT", "OperatingIncome")}
    ebit = used(explain(stock(*two_years(lines)), "ebit_to_revenue"), "ebit")

    assert ebit.is_fallback
    assert ebit.definition == "PretaxIncome + interest_expense"
    assert [(row.row, row.value) for row in ebit.rows] == [("PretaxIncome", 380.0), ("InterestExpense", 30.0)]


def test_a_missing_number_names_the_line_that_is_missing() -> None:
    lines = {name: value for name, value in THIS_YEAR.items() if name != "ResearchAndDevelopment"}
    found = explain(stock(*two_years(lines)), "r_d_to_revenue_ratio")

    assert (found.value, found.status) == (None, "NOT_REPORTED")
    assert found.reasons == (
        "research_and_development: ResearchAndDevelopment"
        " (the company does not report this line; that is not the same as zero)",
    )


def test_a_ratio_that_does_not_apply_says_to_whom_it_does() -> None:
    bank = msgspec.structs.replace(QUOTE, sector="Financial Services", industry="Banks - Regional")
    found = explain(stock(*two_years(), quote=bank), "current_ratio")

    assert found.status == "NOT_APPLICABLE_SECTOR"
    assert found.reasons == ("MADE is of the profile bank; Current Ratio is not for bank, insurer",)


def test_a_valuation_shows_the_price_its_time_and_the_exchange_rate() -> None:
    quote = msgspec.structs.replace(QUOTE, currency="GBp", price=4000.0, market_cap=4000.0)
    found = explain(stock(*two_years(), quote=quote, rates=rates(("GBP", "USD", 1.25))), "price_to_earnings")

    assert found.note["quote"]["price"] == 4000.0
    assert found.note["quote"]["currency"] == "GBp"
    assert found.note["quote"]["exchange_rates"][0]["rate"] == 1.25
    assert used(found, "comparable_price").value == pytest.approx(50)
    assert "quote" not in explain(stock(*two_years(), quote=quote), "net_profit_margin").note


def test_an_adjustment_taken_as_none_is_said() -> None:
    lines = {name: value for name, value in THIS_YEAR.items() if name != "PreferredStockDividends"}
    preferred = used(explain(stock(*two_years(lines)), "earnings_per_share"), "preferred_dividends")

    assert preferred.value == 0.0
    assert preferred.definition == "PreferredStockDividends is not reported: taken as none"


def test_a_ratio_may_be_named_by_its_title() -> None:
    assert explain(stock(*two_years()), "Altman Z-Score").ratio == "altman_z_score"


def test_an_unknown_ratio_gets_a_suggestion() -> None:
    with pytest.raises(ConfigurationError, match=r"'curent_ratio' is no ratio.*Did you mean current_ratio"):
        explain(stock(*two_years()), "curent_ratio")


def test_an_unknown_period_gets_a_list_of_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="annual 2023-12-31, annual 2024-12-31"):
        explain(stock(*two_years()), "current_ratio", "quarterly")


def test_a_stock_without_statements_has_nothing_to_explain() -> None:
    with pytest.raises(Permanent, match="no statements of MADE"):
        explain(stock(), "current_ratio")


def test_an_explanation_is_plain_data() -> None:
    found = json.loads(msgspec.json.encode(explain(stock(*two_years()), "price_to_book")))

    assert found["inputs"][0]["name"] == "comparable_price"


def test_the_object_of_a_stock_has_every_ratio_of_every_period() -> None:
    one = stock(*two_years())
    found = as_object(one, compute([one]))

    assert list(found) == ["symbol", "currency", "sector_profile", "periods"]
    assert (found["symbol"], found["currency"], found["sector_profile"]) == ("MADE", "USD", "general")
    first, last = found["periods"]
    assert list(first) == ["period_type", "period_end", "ratios"]
    assert (last["period_type"], last["period_end"]) == ("annual", "2024-12-31")
    assert last["ratios"]["current_ratio"] == {"value": 1.5, "status": "OK"}
    assert first["ratios"]["return_on_assets"] == {"value": None, "status": "MISSING_PRIOR_PERIOD"}
    assert last["ratios"].keys() == CATALOG.keys()


def test_a_period_in_another_currency_says_so() -> None:
    euros = statement("annual", "2023-12-31", THIS_YEAR, currency="EUR")
    one = stock(euros, two_years()[1])
    found = as_object(one, compute([one]))

    assert found["currency"] == "USD"
    assert [period.get("currency") for period in found["periods"]] == ["EUR", None]
