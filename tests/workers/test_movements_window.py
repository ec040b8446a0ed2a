"""What counts as a movement of a price. Every expected value is worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.workers.movements_window import BUCKETS, Moved, Point, Rule, Window

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
RULE = Rule(percent=2.0, window_s=300.0)


def point(after_s: float, price: float, offset: int = 0) -> Point:
    return Point(START + timedelta(seconds=after_s), price, offset)


def told(*observations: tuple[float, float], rule: Rule = RULE) -> list[tuple[float, float, float]]:
    """The movements: when (seconds after the start), from which price, by how many percent."""
    window = Window(rule)
    moved = [window.observe(point(after_s, price)) for after_s, price in observations]
    return [((m.after.at - START).total_seconds(), m.before.price, round(m.percent, 6)) for m in moved if m]


def test_a_price_that_rises_by_the_threshold_has_moved() -> None:
    assert told((0, 100.0), (60, 101.99), (90, 102.0)) == [(90, 100.0, 2.0)]


def test_a_price_that_falls_by_the_threshold_has_moved() -> None:
    assert told((0, 100.0), (60, 98.01), (90, 98.0)) == [(90, 100.0, -2.0)]


def test_a_movement_counts_from_the_extreme_of_the_window_not_from_its_beginning() -> None:
    assert told((0, 100.0), (30, 99.0), (60, 100.98)) == [(60, 99.0, 2.0)]  # 99 x 1.02 = 100.98
    assert told((0, 100.0), (30, 101.0), (60, 98.98)) == [(60, 101.0, -2.0)]  # 101 x 0.98 = 98.98


def test_what_floating_point_makes_of_the_threshold_does_not_matter() -> None:
    assert told((0, 1.1), (60, 1.133), rule=Rule(3.0, 300.0)) == [(60, 1.1, 3.0)]


def test_of_a_rise_and_a_fall_at_once_the_larger_is_told() -> None:
    assert told((0, 100.0), (10, 95.0), rule=Rule(6.0, 300.0)) == []
    # 95 to 101 is 6.3 percent, 100 to 101 is one.
    assert told((0, 100.0), (10, 95.0), (20, 101.0), rule=Rule(6.0, 300.0)) == [(20, 95.0, 6.315789)]


def test_a_movement_that_takes_longer_than_the_window_is_none() -> None:
    assert told((0, 100.0), (150, 101.0), (301, 102.0)) == []
    assert told((0, 100.0), (150, 101.0), (290, 102.0)) == [(290, 100.0, 2.0)]


def test_a_movement_is_told_once_and_the_next_must_be_as_large_again() -> None:
    assert told((0, 100.0), (60, 102.0), (100, 103.0), (150, 104.0), (160, 104.04)) == [
        (60, 100.0, 2.0),
        (160, 102.0, 2.0),  # 102 x 1.02 = 104.04
    ]


def test_a_price_that_jumps_to_and_fro_is_told_of_ten_times_per_window_at_most() -> None:
    jumps = [(float(n), 100.0 if n % 2 else 110.0) for n in range(300)]
    moments = [moment for moment, _, _ in told(*jumps)]
    assert moments == [float(1 + 30 * n) for n in range(10)]


def test_what_moves_in_the_quiet_time_is_told_after_it() -> None:
    # Told at 10 s, quiet until 40 s: the fall to 90 is told with the first price after that.
    assert told((0, 100.0), (10, 102.0), (20, 90.0), (39.9, 91.0), (40, 91.0)) == [
        (10, 100.0, 2.0),
        (40, 102.0, round(-11 / 102 * 100, 6)),
    ]


def test_a_late_price_changes_nothing() -> None:
    assert told((0, 100.0), (60, 101.0), (30, 50.0), (61, 101.0)) == []
    assert told((0, 100.0), (60, 101.0), (30, 50.0), (61, 102.0)) == [(61, 100.0, 2.0)]


def test_a_repeated_price_is_told_once() -> None:
    assert told((0, 100.0), (60, 102.0), (60, 102.0), (0, 100.0), (60, 102.0)) == [(60, 100.0, 2.0)]


def test_prices_beyond_all_percentages_are_no_movement() -> None:
    assert told((0, 5e-324), (1, 1e308)) == []


@pytest.mark.parametrize("window_s", [1.0, 300.0, 345_600.0])
def test_memory_is_bounded_by_the_buckets(window_s: float) -> None:
    window = Window(Rule(1e6, window_s))
    for n in range(5_000):
        window.observe(point(n * window_s / 1_000, 100.0 + n, n))
    assert len(window._buckets) <= BUCKETS


observations = st.lists(st.tuples(st.integers(0, 1500), st.integers(90, 110).map(float)), max_size=60)


@given(observations)
def test_every_movement_is_as_large_as_asked_and_within_the_window(found: list[tuple[int, float]]) -> None:
    window = Window(RULE)
    ordered = sorted(found, key=lambda observation: observation[0])
    moved = [m for after_s, price in ordered if (m := window.observe(point(after_s, price))) is not None]
    for m in moved:
        assert abs(m.percent) >= 2.0 - 1e-6
        assert m.percent == pytest.approx((m.after.price / m.before.price - 1) * 100)
        assert timedelta(0) <= m.after.at - m.before.at <= timedelta(seconds=300)
    moments = [m.after.at for m in moved]
    assert all(later - earlier >= timedelta(seconds=30) for earlier, later in pairwise(moments))


@given(observations)
def test_the_first_movement_is_the_first_that_a_search_through_all_pairs_finds(found: list[tuple[int, float]]) -> None:
    ordered = sorted(found, key=lambda observation: observation[0])
    bucket_s = 300 / BUCKETS
    origin = START.timestamp()

    def number(after_s: float) -> int:
        return int((origin + after_s) // bucket_s)

    def pair(index: int) -> bool:
        at, price = ordered[index]
        kept = [p for t, p in ordered[:index] if number(t) > number(at) - BUCKETS]
        return any(price >= p * 1.02 - 1e-9 or price <= p * 0.98 + 1e-9 for p in kept)

    expected = next((ordered[n][0] for n in range(len(ordered)) if pair(n)), None)
    window = Window(RULE)
    first: Moved | None = None
    for after_s, price in ordered:
        first = first or window.observe(point(after_s, price))
    assert (None if first is None else (first.after.at - START).total_seconds()) == expected
