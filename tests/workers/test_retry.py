from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import ConfigurationError, Permanent, Transient
from include.workers.retry import Retry


def _longest(_low: float, high: float) -> float:
    return high


class _Fails:
    """Fails the first ``times`` attempts, then answers with the attempt's number."""

    def __init__(self, times: int, retry_after_s: float | None = None) -> None:
        self.times = times
        self.retry_after_s = retry_after_s

    def __call__(self, number: int) -> int:
        if number <= self.times:
            raise Transient(f"attempt {number}", retry_after_s=self.retry_after_s)
        return number


def _run(retry: Retry, work: _Fails) -> tuple[int | None, list[float]]:
    waits: list[float] = []
    try:
        return retry.run(work, waits.append, lambda _number, _error: None), waits
    except Transient:
        return None, waits


def test_a_success_waits_for_nothing() -> None:
    assert _run(Retry(), _Fails(0)) == (1, [])


def test_waits_double_up_to_the_cap() -> None:
    assert _run(Retry(_longest, attempts=8, base_s=0.5, cap_s=30), _Fails(7)) == (8, [0.5, 1, 2, 4, 8, 16, 30])


def test_the_last_failure_is_raised_when_the_attempts_are_used_up() -> None:
    with pytest.raises(Transient, match="attempt 3"):
        Retry(_longest, attempts=3).run(_Fails(9), lambda _: None, lambda _n, _e: None)


def test_a_permanent_failure_is_not_tried_again() -> None:
    def work(number: int) -> int:
        raise Permanent(f"attempt {number}")

    with pytest.raises(Permanent, match="attempt 1"):
        Retry().run(work, lambda _: None, lambda _n, _e: None)


def test_the_sources_own_wish_is_honoured() -> None:
    assert _run(Retry(_longest, base_s=1), _Fails(1, retry_after_s=42)) == (2, [42])


def test_a_wish_beyond_what_is_left_of_the_budget_ends_the_task() -> None:
    assert _run(Retry(_longest, budget_s=120), _Fails(9, retry_after_s=50)) == (None, [50, 50])


def test_a_backoff_that_could_pass_the_budget_is_refused_at_once() -> None:
    assert Retry().worst_case_s == 61.5
    with pytest.raises(ConfigurationError, match="TASK_WAIT_BUDGET_S"):
        Retry(attempts=12, budget_s=120)


@given(
    st.integers(1, 20),
    st.floats(0.1, 5),
    st.floats(1, 60),
    st.none() | st.floats(0, 500),
    st.randoms(use_true_random=False),
)
def test_the_waits_of_a_task_never_pass_its_budget(
    attempts: int, base_s: float, cap_s: float, retry_after_s: float | None, random: object
) -> None:
    try:
        retry = Retry(random.uniform, attempts=attempts, base_s=base_s, cap_s=cap_s, budget_s=120)
    except ConfigurationError:
        return
    _result, waits = _run(retry, _Fails(99, retry_after_s))
    assert sum(waits) <= 120
    if retry_after_s is None:
        assert sum(waits) <= retry.worst_case_s
