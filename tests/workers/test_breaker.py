from __future__ import annotations

import pytest

from include.workers.breaker import Breaker


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class _GivenUp(Exception):
    pass


def _no_sleep(_seconds: float) -> None:
    raise _GivenUp


def _opened(clock: _Clock) -> Breaker:
    breaker = Breaker(threshold=3, delay_s=10, longest_s=40, clock=clock)
    assert [breaker.failed(breaker.admit(_no_sleep)) for _ in range(3)] == [True, True, False]
    return breaker


def test_failures_in_a_row_open_it_and_the_last_of_them_is_held_not_given_up() -> None:
    assert _opened(_Clock()).is_open


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker(threshold=3)
    for _ in range(10):
        assert breaker.failed(probe=False)
        assert breaker.failed(probe=False)
        breaker.succeeded()
    assert not breaker.is_open


def test_while_open_nobody_passes_until_one_probe_may() -> None:
    clock = _Clock()
    breaker = _opened(clock)
    with pytest.raises(_GivenUp):
        breaker.admit(_no_sleep)
    assert breaker.admit(clock.sleep) is True
    assert clock.now >= 10
    with pytest.raises(_GivenUp):
        breaker.admit(_no_sleep)


def test_a_probe_that_succeeds_closes_it() -> None:
    clock = _Clock()
    breaker = _opened(clock)
    breaker.admit(clock.sleep)
    breaker.succeeded()
    assert breaker.admit(_no_sleep) is False


def test_a_probe_that_fails_is_given_up_and_the_next_waits_twice_as_long_up_to_a_limit() -> None:
    clock = _Clock()
    breaker = _opened(clock)
    waits = []
    for _ in range(4):
        before = clock.now
        assert breaker.admit(clock.sleep) is True
        waits.append(clock.now - before)
        assert breaker.failed(probe=True)
    assert waits == [10, 20, 40, 40]


def test_what_was_under_way_when_it_opened_and_fails_is_held() -> None:
    assert _opened(_Clock()).failed(probe=False) is False


def test_a_probe_that_is_abandoned_lets_another_probe() -> None:
    clock = _Clock()
    breaker = _opened(clock)
    breaker.left(breaker.admit(clock.sleep))
    assert breaker.admit(_no_sleep) is True
