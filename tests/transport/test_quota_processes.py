"""The quota's promise, kept by processes that know nothing of each other and of which one is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from include.stores.postgres import Database

ALLOWED, WINDOW_S, WANTED = 6, 2.0, 18
# A request is drawn somewhere between the two moments that are written for it. The clock is the machine's, the same
# for all. A line is written whole: two threads write, and a kill may come in between.
_DRAWING = f"""
import os, sys, threading, time, msgspec
from include.stores.postgres import Database
from include.transport.limits import Limit
from include.transport.quota import Quota
database = Database(msgspec.json.decode(sys.argv[1]))
quota = Quota(database.transaction, "polygon", (Limit({ALLOWED}, {WINDOW_S}), Limit(1000, 86400.0)), key="k")
drawn = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def draw():
    while True:
        before = time.monotonic()
        delay = quota.try_take()
        after = time.monotonic()
        if delay:
            time.sleep(delay)
        else:
            os.write(drawn, b"%r %r\\n" % (before, after))
print("ready", flush=True)
sys.stdin.readline()
threads = [threading.Thread(target=draw, daemon=True) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""

Drawn = tuple[float, float]


def test_processes_never_draw_more_than_allowed_in_any_window_even_when_one_is_killed(
    database: Database, tmp_path: Path
) -> None:
    parameters = msgspec.json.encode(dict(database.parameters)).decode()
    files = [tmp_path / str(number) for number in range(3)]
    with ExitStack() as ending:
        processes = [_drawing(ending, parameters, file) for file in files]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        _wait_for(files, WANTED // 2)
        processes[0].kill()  # with whatever it had leased
        _wait_for(files, WANTED)
    assert _most_in_a_window(_drawn(files)) <= ALLOWED


def test_the_measure_sees_a_window_with_one_too_many_and_blames_nobody_for_being_late() -> None:
    """As far as anybody can know: who was held up after its draw may have drawn long before."""
    prompt = [(at, at + 0.01) for at in (0.0, 0.3, 0.6, 0.9, 1.2, 1.5, 1.9)]
    late = [*((0.0, 2.15) for _ in range(ALLOWED)), *((2.2, 2.21) for _ in range(ALLOWED))]
    assert (_most_in_a_window(prompt), _most_in_a_window(late)) == (ALLOWED + 1, ALLOWED)


def _drawing(ending: ExitStack, parameters: str, file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _DRAWING, parameters, str(file)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ending.enter_context(process)
    ending.callback(process.kill)
    return process


def _drawn(files: list[Path]) -> list[Drawn]:
    """The moments before and after each request that was drawn."""

    def read() -> Iterator[Drawn]:
        for file in files:
            for line in file.read_text().splitlines() if file.exists() else ():
                before, after = line.split()
                yield float(before), float(after)

    return list(read())


def _wait_for(files: list[Path], enough: int) -> None:
    deadline = time.monotonic() + 120
    while len(_drawn(files)) < enough:
        assert time.monotonic() < deadline, "the processes did not draw"
        time.sleep(0.05)


def _most_in_a_window(drawn: list[Drawn]) -> int:
    """The most requests that were surely drawn within one window."""
    return max(sum(first <= before and after < first + WINDOW_S for before, after in drawn) for first, _ in drawn)
