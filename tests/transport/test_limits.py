from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import ConfigurationError
from include.transport.limits import Limit, Usage, left, parse_limits, spend, vendor_limits, wait_s

FIVE_A_MINUTE = Limit(5, 60.0)


def test_limits_are_written_as_a_number_per_unit() -> None:
    assert parse_limits("5/min 25/day") == (Limit(5, 60.0), Limit(25, 86400.0))
    assert parse_limits("20/s, 15000/month") == (Limit(20, 1.0), Limit(15000, 2678400.0))
    assert parse_limits("") == parse_limits(None) == ()


@pytest.mark.parametrize("text", ["5", "5/fortnight", "many/s", "0/s", "-1/s", "5/s/s"])
def test_a_malformed_limit_is_named(text: str) -> None:
    with pytest.raises(ConfigurationError, match="such as 5/min"):
        parse_limits(text)


def test_an_unused_window_has_all_and_a_used_one_the_rest() -> None:
    usage = spend(FIVE_A_MINUTE, Usage(0), 1000.0, 3)
    assert left(FIVE_A_MINUTE, Usage(0), 1000.0) == 5
    assert left(FIVE_A_MINUTE, usage, 1000.0) == 2
    assert wait_s(FIVE_A_MINUTE, usage, 1000.0) == 0


def test_the_first_request_of_a_minute_frees_its_place_a_little_more_than_a_minute_later() -> None:
    usage = spend(FIVE_A_MINUTE, Usage(0), 1000.0, 5)
    wait = wait_s(FIVE_A_MINUTE, usage, 1000.0)
    assert 60 < wait <= 60 + 2 * FIVE_A_MINUTE.slot_s
    assert left(FIVE_A_MINUTE, usage, 1000.0 + wait - 0.001) == 0
    assert left(FIVE_A_MINUTE, usage, 1000.0 + wait + 0.001) == 5


def test_a_clock_that_steps_back_grants_nothing_twice() -> None:
    usage = spend(FIVE_A_MINUTE, Usage(0), 1000.0, 5)
    assert left(FIVE_A_MINUTE, usage, 900.0) == 0


@given(
    steps=st.lists(st.tuples(st.floats(0, 20), st.integers(1, 6)), max_size=60),
    lateness=st.floats(0, 1),
)
def test_no_stretch_of_a_window_ever_sees_more_than_allowed(steps: list[tuple[float, int]], lateness: float) -> None:
    """Whatever is asked, and even when every grant is used as late as it may be."""
    now, usage, used_at = 1_000_000.0, Usage(0), []
    for index, (pause, wanted) in enumerate(steps):
        now += pause
        granted = min(wanted, left(FIVE_A_MINUTE, usage, now))
        usage = spend(FIVE_A_MINUTE, usage, now, granted)
        # Every other grant at once, the rest late: the worst that leases allow.
        used_at += [now + (lateness * FIVE_A_MINUTE.slot_s if index % 2 else 0.0)] * granted
    used_at.sort()
    for first, sixth in zip(used_at, used_at[FIVE_A_MINUTE.allowed :], strict=False):
        assert sixth - first >= FIVE_A_MINUTE.window_s


@given(
    pauses=st.lists(st.floats(0, 1.5), min_size=2, max_size=40),
    transits=st.lists(st.floats(0, 1), min_size=40, max_size=40),
)
def test_whatever_a_request_needs_to_arrive_a_vendor_never_sees_two_in_its_second(
    pauses: list[float], transits: list[float]
) -> None:
    (limit,) = vendor_limits("1/s")
    now, usage, arrived = 1_000.0, Usage(0), []
    for pause, transit in zip(pauses, transits, strict=False):
        now += pause
        if left(limit, usage, now):
            usage = spend(limit, usage, now, 1)
            arrived.append(now + transit)
    for first, second in pairwise(sorted(arrived)):
        assert second - first >= 1 - 1e-6


def test_windows_of_a_minute_and_more_need_no_room_for_that() -> None:
    assert vendor_limits("5/min 25/day") == parse_limits("5/min 25/day")


@given(st.lists(st.floats(0, 100), max_size=40))
def test_after_the_wait_there_is_always_something_left(pauses: list[float]) -> None:
    now, usage = 5_000.0, Usage(0)
    for pause in pauses:
        now += pause
        usage = spend(FIVE_A_MINUTE, usage, now, min(1, left(FIVE_A_MINUTE, usage, now)))
        assert left(FIVE_A_MINUTE, usage, now + wait_s(FIVE_A_MINUTE, usage, now) + 1e-6) > 0
