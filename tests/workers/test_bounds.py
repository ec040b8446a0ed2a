"""What a worker holds is bounded, and a full one keeps polling: the loop on a real broker, in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from trial import eventually, message, send, uncommitted

from include.contracts.topics import PROCESSING_TASKS
from include.errors import Unfit
from include.transport.consumer import consumer_settings
from include.workers.lanes import Delivery
from include.workers.loop import Bounds, Loop
from include.workers.stopping import Stopping

pytestmark = pytest.mark.stack
TASKS = PROCESSING_TASKS.name
Kafka = dict[str, str]


class Gate:
    """Serves nothing until it is opened; keys in ``stuck`` wait for ever longer."""

    def __init__(self, stuck: frozenset[bytes] = frozenset()) -> None:
        self.open = threading.Event()
        self.unstick = threading.Event()
        self.stuck = stuck
        self.served: list[bytes | None] = []

    def serve(self, delivery: Delivery) -> None:
        self.open.wait()
        if delivery.record.key in self.stuck:
            self.unstick.wait()
        self.served.append(delivery.record.key)


@contextmanager
def _running(
    kafka: Kafka, gate: Gate, bounds: Bounds, fault: Callable[[], str | None] = lambda: None
) -> Iterator[tuple[Loop, Stopping]]:
    stopping = Stopping()
    settings = consumer_settings(kafka, "stocks-processing-workers", "test")
    loop = Loop(settings, TASKS, gate, bounds, stopping, fault=fault)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            loop.run()
        except Unfit as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield loop, stopping
    finally:
        gate.open.set()
        gate.unstick.set()
        stopping.ask()
        thread.join()
    assert not failures


def test_a_full_worker_pauses_its_partitions_and_goes_on_when_there_is_room(kafka: Kafka) -> None:
    send(kafka, *(message(f"S{n}") for n in range(500)))
    gate = Gate()
    with _running(kafka, gate, Bounds(concurrency=2, runnable=20, batch=10)) as (loop, _):
        eventually(lambda: loop.assignment.all_paused, "it is full")
        polled = loop.polled_at
        eventually(lambda: loop.polled_at > polled, "it polls on")
        assert 20 <= loop.lanes.runnable <= 30
        gate.open.set()
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "everything is done")
    assert len(gate.served) == 500


def test_finished_tasks_behind_a_stuck_one_are_bounded_and_other_partitions_go_on(kafka: Kafka) -> None:
    keys = [f"S{n}" for n in range(1200)]
    send(kafka, message("STUCK"), *(message(key) for key in keys))
    gate = Gate(frozenset({b"STUCK"}))
    gate.open.set()
    with _running(kafka, gate, Bounds(concurrency=4, window=50, batch=10)) as (loop, _):
        eventually(lambda: len(gate.served) > 1000, "eleven partitions of twelve are done, and some of the twelfth")
        eventually(lambda: loop.assignment.paused_partitions == 1, "the partition of the stuck task is held back")
        gate.unstick.set()
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "all of it in the end")
    assert len(gate.served) == 1201


def test_large_messages_are_held_back_by_their_bytes(kafka: Kafka) -> None:
    large = message("LARGE")
    padding = b" " * 200_000  # JSON may end in blanks
    send(kafka, *(type(large)(TASKS, f"S{n}", large.value + padding) for n in range(40)))
    gate = Gate()
    with _running(kafka, gate, Bounds(concurrency=1, held_bytes=2_000_000, batch=2)) as (loop, _):
        eventually(lambda: loop.assignment.all_paused, "it is full")
        assert loop.lanes.held_bytes < 3_000_000
        gate.open.set()
        eventually(lambda: len(gate.served) == 40, "everything is done")


def test_a_nearly_full_disk_starts_nothing_until_there_is_room(kafka: Kafka) -> None:
    faults: list[str | None] = ["only 3 MiB are free at /tmp"]
    gate = Gate()
    gate.open.set()
    with _running(kafka, gate, Bounds(concurrency=2), fault=lambda: faults[-1]) as (loop, _):
        eventually(lambda: loop.held_because, "it noticed")
        eventually(lambda: loop.assignment.all_paused, "it reads nothing")
        send(kafka, *(message(f"S{n}") for n in range(20)))
        assert gate.served == []
        faults.append(None)
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "it goes on")
    assert len(gate.served) == 20
