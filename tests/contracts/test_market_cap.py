"""Market caps as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.contracts.market_cap import Band, band, cut, parse_market_cap, shorten


@pytest.mark.parametrize(
    ("text", "amount"),
    [("100M", 100_000_000), ("1B", 1_000_000_000), ("1.5b", 1_500_000_000), ("2 T", 2 * 10**12), ("12", 12)],
)
def test_suffixes_are_read(text: str, amount: int) -> None:
    assert parse_market_cap(text) == amount


@pytest.mark.parametrize("text", ["", "  ", None])
def test_an_empty_bound_is_unbounded(text: str | None) -> None:
    assert parse_market_cap(text) is None


@pytest.mark.parametrize("text", ["1X", "-5M", "1e9", "M", "1,000", "100M..1B", "NaN"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"write a number with K, M, B or T"):
        parse_market_cap(text)


@pytest.mark.parametrize(("minimum", "maximum"), [("1B", "100M"), ("1B", "1B"), ("1000M", "1B")])
def test_the_minimum_must_be_below_the_maximum(minimum: str, maximum: str) -> None:
    with pytest.raises(ValueError, match=r"is not below"):
        band(minimum, maximum)


def test_bounds_are_half_open() -> None:
    small = band("100M", "1B")
    assert 100e6 in small
    assert 1e9 not in small
    assert 99_999_999.99 not in small


@given(st.integers(min_value=0, max_value=10**15))
def test_shortening_loses_nothing(amount: int) -> None:
    assert parse_market_cap(shorten(amount)) == amount


@given(
    st.one_of(st.none(), st.integers(0, 10**6)),
    st.one_of(st.none(), st.integers(10**6 + 1, 10**12)),
    st.lists(st.integers(1, 10**12), max_size=6),
    st.integers(0, 10**12),
)
def test_every_market_cap_is_in_exactly_one_of_the_cut_bands(
    low: int | None, high: int | None, cuts: list[int], market_cap: int
) -> None:
    whole = Band(low, high)
    holders = [b for b in cut(whole, cuts) if market_cap in b]
    assert len(holders) == (1 if market_cap in whole else 0)
