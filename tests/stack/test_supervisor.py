"""Supervision with real processes: what dies comes back, what is ended leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from include.settings import PROJECT
from include.stack.ending import MARK, marked
from include.stack.guard import Guard, guard_program
from include.stack.program import Program
from include.stack.supervisor import Supervisor

# A part with a child in a session of its own, as a browser may be. Both write their ids.
PARENT = """
    import os, subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    open(sys.argv[1], "a").write(f"{os.getpid()} {child.pid}\\n")
    time.sleep(600)
"""
STUBBORN = """
    import os, signal, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
    time.sleep(600)
"""


class Place:
    """A folder, a mark, and the lines that a supervisor said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.env = {**os.environ, MARK: self.mark, "PYTHONPATH": str(PROJECT)}
        self.told = folder / "stack.env"
        self.told.write_text("X=1\n")
        self.said: list[str] = []

    def program(self, name: str, source: str) -> Program:
        command = (sys.executable, "-c", textwrap.dedent(source), str(self.folder / name))
        return Program(name, command, self.env, self.folder / f"{name}.log")

    def ids(self, name: str) -> list[list[int]]:
        file = self.folder / name
        return [[int(i) for i in line.split()] for line in file.read_text().splitlines()] if file.exists() else []

    def supervisor(self) -> Supervisor:
        guard = Guard(guard_program(self.mark, self.told, self.folder / "guard.log", self.env))
        return Supervisor(guard, self.mark, lambda line, style="": self.said.append(line))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    for process in marked(found.mark):
        process.kill()


def wait(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_part_that_is_killed_comes_back(place: Place) -> None:
    with place.supervisor() as supervisor:
        supervisor.start(place.program("part", PARENT), rank=0)
        supervisor.supervise()
        wait(lambda: place.ids("part"), "it started")
        os.kill(place.ids("part")[0][0], signal.SIGKILL)
        wait(lambda: len(place.ids("part")) == 2, "it started again")
    assert "part was killed by signal 9" in place.said[0]


def test_a_part_that_is_misconfigured_stays_down_and_says_why(place: Place) -> None:
    with place.supervisor() as supervisor:
        supervisor.start(place.program("whole", PARENT), rank=0)
        supervisor.start(place.program("part", "print('DB_HOST is not set'); raise SystemExit(2)"), rank=0)
        assert not supervisor.gave_up("whole")
        wait(lambda: supervisor.gave_up("part"), "who waits for it hears of it, before anybody watches")
        supervisor.supervise()
        wait(lambda: place.said, "it was noticed")
        assert supervisor.gave_up("part")
    assert len(place.said) == 1
    assert "stays down" in place.said[0]
    assert "DB_HOST is not set" in place.said[0]


def test_a_part_that_cannot_be_started_again_ends_no_supervision(place: Place) -> None:
    program = place.folder / "program"
    program.write_text(f"#!/bin/sh\nrm '{program}'\n")
    program.chmod(0o755)
    gone = msgspec.structs.replace(place.program("gone", ""), command=(str(program),))
    with place.supervisor() as supervisor:
        supervisor.start(gone, rank=0)
        supervisor.start(place.program("part", PARENT), rank=0)
        wait(lambda: place.ids("part"), "it started")
        supervisor.supervise()
        wait(lambda: any("gone could not be started" in line for line in place.said), "it was missed")
        os.kill(place.ids("part")[0][0], signal.SIGKILL)
        wait(lambda: len(place.ids("part")) == 2, "the other one started again")
    assert "No such file or directory" in " ".join(place.said)


def test_ending_leaves_nothing_even_of_what_left_its_group(place: Place) -> None:
    with place.supervisor() as supervisor:
        supervisor.start(place.program("part", PARENT), rank=0)
        wait(lambda: place.ids("part"), "it started")
    assert not marked(place.mark)
    assert not [pid for pid in place.ids("part")[0] if lives(pid)]


def test_ending_leaves_nothing_of_what_left_its_group_and_lost_its_mark(place: Place) -> None:
    with place.supervisor() as supervisor:
        supervisor.start(place.program("part", PARENT.replace("start_new", "env={}, start_new")), rank=0)
        wait(lambda: place.ids("part"), "it started")
    assert not [pid for pid in place.ids("part")[0] if lives(pid)]


def test_a_part_that_ignores_the_request_is_killed(place: Place) -> None:
    supervisor = place.supervisor()
    supervisor.start(place.program("part", STUBBORN), rank=0)
    wait(lambda: place.ids("part"), "it started")
    supervisor.stop(grace_s=0.2)
    assert not lives(place.ids("part")[0][0])


def test_a_part_is_waited_for_only_as_long_as_its_own_grace(place: Place) -> None:
    supervisor = place.supervisor()
    stubborn = place.program("part", STUBBORN)
    supervisor.start(msgspec.structs.replace(stubborn, grace_s=0.2), rank=0)
    wait(lambda: place.ids("part"), "it started")
    supervisor.stop(grace_s=600)  # the limit of this test would notice
    assert not lives(place.ids("part")[0][0])


def test_higher_ranks_end_before_lower_ones(place: Place) -> None:
    note = """
        import signal, sys, time
        def leave(*_): open(sys.argv[1].rsplit("/", 1)[0] + "/order", "a").write(sys.argv[1][-1]); sys.exit()
        signal.signal(signal.SIGTERM, leave)
        open(sys.argv[1], "w").write("1")
        time.sleep(600)
    """
    with place.supervisor() as supervisor:
        for name, rank in (("0", 0), ("2", 2), ("1", 1)):
            supervisor.start(place.program(name, note), rank=rank)
        wait(lambda: all(place.ids(n) for n in "012"), "all started")
    assert (place.folder / "order").read_text() == "210"


def test_the_guard_ends_the_parts_of_a_supervisor_that_was_killed(place: Place) -> None:
    script = f"""
        import sys, time
        sys.path.insert(0, {str(PROJECT / "tests")!r})
        from pathlib import Path
        from stack.test_supervisor import PARENT, Place
        place = Place(Path({str(place.folder)!r}))
        place.mark = {place.mark!r}
        place.env["{MARK}"] = {place.mark!r}
        place.supervisor().start(place.program("part", PARENT), rank=0)
        time.sleep(600)
    """
    env = {**os.environ, "PYTHONPATH": str(PROJECT)}
    supervisor = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], env=env)
    wait(lambda: place.ids("part"), "it started")
    supervisor.kill()
    supervisor.wait()
    wait(lambda: not marked(place.mark), "everything ended")
    wait(lambda: "is gone: ending part" in (place.folder / "guard.log").read_text(), "the guard said so")
    assert not place.told.exists()
