"""What must hold for any statements whatever."""

from __future__ import annotations

import math
from datetime import date, timedelta

import msgspec
import pytest
from companies import OBSERVED_AT, rates
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from include.contracts.fundamentals import Fundamentals, RatioRow, Statement
from include.contracts.quotes import Quote
from include.ratios.catalog import CATALOG
from include.ratios.compute import compute
from include.ratios.rows import ROWS
from include.ratios.status import Status
from include.ratios.stock import StockInput

# Without the explaining phase: its tracer makes numpy a hundred times slower.
SLOW = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
MONEY_ROWS = {row.name for row in ROWS if row.is_money}
INDUSTRIES = (None, "Banks - Regional", "Insurance - Life", "REIT - Office", "Software - Application")

sane = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).map(lambda x: 0.0 if abs(x) < 1e-3 else x)
anything = st.one_of(
    sane, st.floats(), st.sampled_from([0.0, -0.0, 5e-324, 1e308, -1e308, math.inf, -math.inf, math.nan])
)
ends = {
    "annual": [date(2022, 12, 31), date(2023, 12, 31), date(2024, 12, 28)],
    "quarterly": [date(2024, 12, 31) - timedelta(days=91 * back) for back in range(6)],
    "trailing": [date(2024, 12, 31)],
}


@st.composite
def statements(draw: st.DrawFn, numbers: st.SearchStrategy[float]) -> tuple[Statement, ...]:
    """Some statements of one company in dollars."""
    found = []
    for period_type, days in ends.items():
        for day in draw(st.sets(st.sampled_from(days))):
            names = draw(st.sets(st.sampled_from([row.name for row in ROWS]), min_size=1))
            months = draw(st.sampled_from([None, None, 3, 6, 12])) if period_type == "quarterly" else None
            lines = {name: draw(numbers) for name in sorted(names)}
            found.append(Statement(period_type, day, "USD", lines, months=months))
    return tuple(found)


@st.composite
def stocks(draw: st.DrawFn, numbers: st.SearchStrategy[float] = sane) -> StockInput:
    """A stock that reports in dollars and is quoted in dollars or pence, with the rate or without."""
    optional = st.one_of(st.none(), numbers)
    quote = Quote(
        symbol="ANY",
        region="us",
        observed_at=OBSERVED_AT,
        currency=draw(st.sampled_from(["USD", "GBp", None])),
        financial_currency=draw(st.sampled_from(["USD", "EUR", None])),
        price=draw(optional),
        market_cap=draw(optional),
        shares_outstanding=draw(optional),
        implied_shares_outstanding=draw(optional),
        trailing_dividend_per_share=draw(optional),
        sector=draw(st.sampled_from([None, "Technology", "Financial Services"])),
        industry=draw(st.sampled_from(INDUSTRIES)),
    )
    return StockInput(
        Fundamentals("ANY", OBSERVED_AT, draw(statements(numbers))),
        draw(st.one_of(st.none(), st.just(quote))),
        draw(st.sampled_from([{}, rates(("GBP", "USD", 1.25), ("EUR", "USD", 1.1))])),
        draw(st.sampled_from([None, date(2025, 2, 28)])),
    )


@SLOW
@given(stocks(anything))
def test_no_input_makes_an_infinity_or_an_unexplained_nan(stock: StockInput) -> None:
    for row in compute([stock]):
        assert all(map(math.isfinite, row.values.values()))
        explained = row.values.keys() | row.statuses.keys()
        assert explained == CATALOG.keys()
        assert {row.statuses[name] for name in row.values.keys() & row.statuses.keys()} <= {"STALE"}
        assert set(row.statuses.values()) <= {status.name for status in Status} - {"OK"}
        assert all(name in row.values for name, status in row.statuses.items() if status == "STALE")


@SLOW
@given(st.lists(stocks(anything), max_size=4))
def test_one_stock_at_a_time_equals_the_batch(several: list[StockInput]) -> None:
    assert compute(several) == [row for stock in several for row in compute([stock])]


@SLOW
@given(stocks(anything), st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(stock: StockInput, random: object) -> None:
    shuffled = list(stock.fundamentals.statements)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    fundamentals = msgspec.structs.replace(stock.fundamentals, statements=tuple(shuffled))

    assert compute([msgspec.structs.replace(stock, fundamentals=fundamentals)]) == compute([stock])


@SLOW
@given(stocks(), st.sampled_from([1 / 1024, 0.5, 2.0, 4096.0]))
def test_scaling_all_amounts_leaves_every_dimensionless_ratio_unchanged(stock: StockInput, by: float) -> None:
    # Powers of two scale exactly, so that no threshold is crossed by rounding.
    before, after = compute([stock]), compute([scaled(stock, by)])

    assert_same_but_for_money(before, after, by)


@SLOW
@given(stocks())
def test_swapping_the_currency_of_everything_leaves_every_ratio_unchanged(stock: StockInput) -> None:
    swap = {"USD": "CHF", "EUR": "SEK", "GBp": "ZAc", "GBP": "ZAR", None: None}
    quote = stock.quote and msgspec.structs.replace(
        stock.quote,
        currency=swap[stock.quote.currency],
        financial_currency=swap[stock.quote.financial_currency],
    )
    francs = tuple(msgspec.structs.replace(one, currency="CHF") for one in stock.fundamentals.statements)
    swapped = StockInput(
        msgspec.structs.replace(stock.fundamentals, statements=francs),
        quote,
        rates(*((swap[r.currency], swap[r.quoted_in], r.rate) for r in stock.rates.values())),
        stock.stale_since,
    )

    assert_same_but_for_money(compute([stock]), compute([swapped]), 1.0)


def scaled(stock: StockInput, by: float) -> StockInput:
    """The same company where every amount of money is ``by`` times as large."""
    found = tuple(
        msgspec.structs.replace(
            one, lines={name: value * by if name in MONEY_ROWS else value for name, value in one.lines.items()}
        )
        for one in stock.fundamentals.statements
    )
    quote = stock.quote and msgspec.structs.replace(
        stock.quote,
        **{
            name: None if getattr(stock.quote, name) is None else getattr(stock.quote, name) * by
            for name in ("price", "market_cap", "trailing_dividend_per_share")
        },
    )
    return msgspec.structs.replace(
        stock, fundamentals=msgspec.structs.replace(stock.fundamentals, statements=found), quote=quote
    )


def assert_same_but_for_money(before: list[RatioRow], after: list[RatioRow], by: float) -> None:
    assert [row.statuses for row in before] == [row.statuses for row in after]
    for one, other in zip(before, after, strict=True):
        for name, value in one.values.items():
            factor = by if CATALOG[name].unit in ("money", "money per share") else 1.0
            assert other.values[name] == pytest.approx(value * factor, rel=1e-9)
