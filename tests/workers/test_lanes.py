from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from include.transport.record import Record
from include.workers.lanes import Delivery, Lanes
from include.workers.window import Window

AT = datetime(2026, 11, 20, tzinfo=UTC)


def _delivery(offset: int, key: bytes | None, window: Window | None = None) -> Delivery:
    return Delivery(Record("", "tasks", 0, offset, AT, key, b"12345"), window or Window("tasks", 0))


def test_a_key_under_way_holds_back_its_own_and_no_other() -> None:
    lanes = Lanes()
    for offset, key in enumerate((b"slow", b"slow", b"quick")):
        lanes.put(_delivery(offset, key))
    slow, quick = lanes.take(), lanes.take()
    assert (slow.record.offset, quick.record.offset) == (0, 2)
    assert (lanes.runnable, lanes.running) == (2, 2)
    lanes.done(quick)
    lanes.done(slow)
    assert lanes.take().record.offset == 1


def test_tasks_without_a_key_wait_for_nobody() -> None:
    lanes = Lanes()
    lanes.put(_delivery(1, None))
    lanes.put(_delivery(2, None))
    assert {lanes.take().record.offset, lanes.take().record.offset} == {1, 2}


def test_a_backlog_behind_one_key_is_not_runnable_but_counts_in_bytes() -> None:
    lanes = Lanes()
    for offset in range(10):
        lanes.put(_delivery(offset, b"key"))
    assert lanes.runnable == 1
    assert lanes.held_bytes == 10 * (5 + 3)


def test_waiting_tasks_of_a_lost_partition_are_dropped_and_running_ones_end_quietly() -> None:
    lanes, lost, kept = Lanes(), Window("tasks", 0), Window("tasks", 1)
    for offset in range(3):
        lanes.put(_delivery(offset, b"a", lost))
    lanes.put(_delivery(0, b"b", kept))
    running = lanes.take()
    assert running.window is lost
    assert lanes.drop(lambda delivery: delivery.window is lost) == 2
    assert not lanes.wait_until_free_of([lost], 0.01)
    assert lanes.wait_until_free_of([kept], 0)
    lanes.done(running)
    assert lanes.wait_until_free_of([lost], 0)
    assert lanes.take().window is kept


def test_a_key_of_a_partition_that_came_back_waits_for_the_task_still_running() -> None:
    lanes = Lanes()
    lanes.put(_delivery(1, b"a"))
    running = lanes.take()
    lanes.put(_delivery(1, b"a"))
    assert lanes.runnable == 1
    lanes.done(running)
    assert lanes.take().record.offset == 1


def test_closed_lanes_hand_out_nothing() -> None:
    lanes = Lanes()
    lanes.put(_delivery(1, b"a"))
    lanes.close()
    assert lanes.take() is None


@given(st.lists(st.sampled_from([b"a", b"b", b"c", None]), max_size=30), st.randoms())
def test_every_task_is_handed_out_once_and_those_of_a_key_in_order(keys: list[bytes | None], random: object) -> None:
    lanes = Lanes()
    for offset, key in enumerate(keys):
        lanes.put(_delivery(offset, key))
    under_way: list[Delivery] = []
    order: list[Delivery] = []
    while lanes.runnable:
        if under_way and (random.random() < 0.5 or lanes.runnable == len(under_way)):
            lanes.done(under_way.pop(random.randrange(len(under_way))))
        elif lanes.runnable > len(under_way):
            under_way.append(lanes.take())
            order.append(under_way[-1])
    assert sorted(d.record.offset for d in order) == list(range(len(keys)))
    for key in {k for k in keys if k is not None}:
        offsets = [d.record.offset for d in order if d.record.key == key]
        assert offsets == sorted(offsets)
    assert lanes.held_bytes == 0
