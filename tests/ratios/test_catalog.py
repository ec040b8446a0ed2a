"""The catalogue: names, docstrings, wiring; and what is generated from it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from include.ratios.arithmetic import Amount
from include.ratios.catalog import CATALOG, comment, listed
from include.ratios.document import pages
from include.ratios.ratio import Ratio, liquidity, ratio, snake_case
from include.ratios.statement import LINES, PERIOD_INPUTS, PREVIOUS, QUOTE_INPUTS
from include.ratios.status import Status

UNITS = {"dimensionless", "money", "money per share", "days", "tests passed"}
CATEGORIES = {
    "Liquidity": 9,
    "Solvency": 18,
    "Profitability": 22,
    "Efficiency": 14,
    "Valuation": 28,
    "Growth & scores": 6,
    "Sector": 5,
}


def test_there_are_102_ratios_in_seven_categories() -> None:
    found = [one.category.name for one in CATALOG.values()]

    assert {name: found.count(name) for name in CATEGORIES} == CATEGORIES
    assert len(CATALOG) == 102


@pytest.mark.parametrize("one", CATALOG.values(), ids=CATALOG)
def test_every_parameter_is_a_known_input(one: Ratio) -> None:
    for name in one.inputs:
        line = name.removeprefix(PREVIOUS)
        assert line in LINES or name in QUOTE_INPUTS.keys() | PERIOD_INPUTS.keys()


@pytest.mark.parametrize("one", CATALOG.values(), ids=CATALOG)
def test_every_docstring_has_a_formula_and_its_labelled_lines(one: Ratio) -> None:
    assert one.summary
    assert one.formula
    assert all((one.units, one.shape, one.source))
    assert one.unit in UNITS


@pytest.mark.parametrize("one", CATALOG.values(), ids=CATALOG)
def test_every_name_in_a_formula_is_an_input_or_another_ratio(one: Ratio) -> None:
    words = set(re.findall(r"[a-z_]{2,}", one.formula)) - {"average", "growth", "sqrt", "sum", "piotroski_tests"}
    inputs = {name.removeprefix(PREVIOUS) for name in one.inputs} | set(one.inputs)

    assert words <= inputs | CATALOG.keys()
    if not words & CATALOG.keys() and "piotroski" not in one.name:
        unnamed = inputs - words - {name for name in one.inputs if name.startswith(PREVIOUS)}
        assert unnamed <= words | {"market_cap"}  # the second choice of per-share valuation is in the note


@pytest.mark.parametrize("one", CATALOG.values(), ids=CATALOG)
def test_every_name_fits_a_column_of_postgresql(one: Ratio) -> None:
    assert one.name == snake_case(one.title)
    assert len(one.name) <= 63
    assert re.fullmatch(r"[a-z][a-z0-9_]*", one.name)


@pytest.mark.parametrize("one", CATALOG.values(), ids=CATALOG)
def test_every_ratio_is_a_pure_function_of_amounts(one: Ratio) -> None:
    signature = inspect.signature(one.function)

    assert {parameter.annotation for parameter in signature.parameters.values()} == {"Amount"}
    assert signature.return_annotation == "Amount"


def test_every_line_is_used() -> None:
    asked = {name.removeprefix(PREVIOUS) for one in CATALOG.values() for name in one.inputs}

    assert asked >= LINES.keys()


def test_names_are_the_snake_case_of_titles() -> None:
    assert snake_case("Debt-to-Equity Ratio") == "debt_to_equity_ratio"
    assert snake_case("R&D-to-Revenue Ratio") == "r_d_to_revenue_ratio"
    assert snake_case("Net Interest Margin (proxy)") == "net_interest_margin_proxy"


def test_a_function_with_another_name_than_its_title_is_refused() -> None:
    def quick_ratio(cash: Amount) -> Amount:
        return cash

    with pytest.raises(ValueError, match="must be computed by current_ratio"):
        ratio("Current Ratio", liquidity)(quick_ratio)


def test_a_comment_says_what_a_column_holds() -> None:
    assert comment(CATALOG["current_ratio"]) == (
        "Current Ratio = current_assets / current_liabilities; unit: dimensionless; not for: bank, insurer"
    )


def test_the_listed_catalogue_is_plain_data() -> None:
    rows = listed()

    assert [row["name"] for row in rows] == list(CATALOG)
    assert rows[0]["inputs"] == ["current_assets", "current_liabilities"]


def test_the_page_names_every_ratio_line_and_status() -> None:
    page = pages()["ratios.md"]

    for name in (*CATALOG, *LINES, *(status.name for status in Status)):
        assert f"`{name}`" in page


def test_the_generated_page_is_up_to_date(project: Path) -> None:
    assert (project / "docs" / "generated" / "ratios.md").read_text() == pages()["ratios.md"]
