from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from include.workers.window import Window


def _window(*offsets: int) -> Window:
    window = Window("tasks", 0)
    for offset in offsets:
        window.take(offset)
    return window


def test_only_what_has_no_unfinished_task_before_it_is_committable() -> None:
    window = _window(10, 11, 12)
    window.finish(11)
    window.finish(12)
    assert window.committable() == 10
    assert window.uncommittable == 3
    window.finish(10)
    assert window.committable() == 13
    assert window.uncommittable == 0


def test_gaps_between_offsets_are_nothing_to_wait_for() -> None:
    window = _window(3, 7, 100)
    window.finish(3)
    assert window.committable() == 4
    window.finish(7)
    window.finish(100)
    assert window.committable() == 101


def test_what_is_committed_is_not_committed_again() -> None:
    window = _window(5)
    window.finish(5)
    window.committed(6)
    assert window.committable() is None


def test_a_lost_partition_commits_nothing_whatever_finishes_late() -> None:
    window = _window(1, 2)
    window.finish(1)
    window.close()
    window.finish(2)
    assert window.committable() is None


def test_finishing_twice_or_what_was_never_taken_changes_nothing() -> None:
    window = _window(1, 2)
    window.finish(1)
    window.finish(1)
    window.finish(99)
    assert window.committable() == 2


@given(st.permutations(range(12)), st.integers(0, 12))
def test_in_whatever_order_tasks_finish_the_first_unfinished_is_committable(order: list[int], count: int) -> None:
    window = _window(*range(12))
    for offset in order[:count]:
        window.finish(offset)
    assert window.committable() == min(set(range(13)) - set(order[:count]))
