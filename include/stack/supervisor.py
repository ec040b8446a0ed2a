"""Starts the parts, brings back those that die, and ends them all."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

import msgspec

from include.errors import ConfigurationError
from include.stack.ending import Member, end, member
from include.stack.guard import Guard
from include.stack.program import GRACE_S, Program, kill_group, last_words, start

_TICK_S = 0.25
_FIRST_BACKOFF_S = 1.0
_LONGEST_BACKOFF_S = 30.0
_STEADY_S = 60.0  # who ran this long starts again at once
_CONFIGURATION = 2  # a program that ends like this will do so again


class Say(Protocol):
    """Where the supervisor's lines go."""

    def __call__(self, line: str, *, style: str = "") -> None: ...


class _Part(msgspec.Struct):
    """A supervised program: what it is, which process it is now, and when to start it again."""

    program: Program
    rank: int
    process: subprocess.Popen[bytes]
    started_at: float
    failures: int = 0
    restart_at: float | None = None
    given_up: bool = False


class Supervisor:
    """Parts by name. Each is a process group of its own; a higher rank ends before a lower one."""

    def __init__(self, guard: Guard, mark: str, say: Say) -> None:
        self._guard = guard
        self._mark = mark
        self._say = say
        self._parts: dict[str, _Part] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self, program: Program, *, rank: int) -> subprocess.Popen[bytes]:
        """Start a part; from ``supervise`` on it is brought back when it dies. Raises ConfigurationError."""
        with self._lock:
            process = self._launch(program, rank)
            self._parts[program.name] = _Part(program, rank, process, time.monotonic())
            return process

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def supervise(self) -> None:
        """Watch over the parts in a thread, until ``stop``."""
        self._watcher.start()

    def gave_up(self, name: str) -> bool:
        """Whether that part ended in a way that it would end again: as it is configured it cannot run."""
        with self._lock:
            part = self._parts[name]
            return part.given_up or part.process.poll() == _CONFIGURATION

    def stop(self, *, grace_s: float = GRACE_S) -> None:
        """End every part, and all that they started."""
        self._ended.set()
        with self._lock:
            parts = list(self._parts.values())
        end([m for p in parts if (m := _member(p)) is not None], self._mark, grace_s=grace_s)
        for part in parts:
            kill_group(part.process.pid)
            part.process.wait()
        self._guard.dismiss()

    def _launch(self, program: Program, rank: int) -> subprocess.Popen[bytes]:
        process = start(program)
        found = member(program.name, process.pid, program.stop_signal, rank, program.grace_s)
        if found is not None:
            self._guard.tell(found)
        return process

    def _watch(self) -> None:
        while not self._ended.wait(_TICK_S):
            with self._lock:
                for part in self._parts.values():
                    if not self._ended.is_set():
                        self._look_after(part)

    def _look_after(self, part: _Part) -> None:
        now = time.monotonic()
        if part.given_up:
            return
        if part.restart_at is None:
            if part.process.poll() is not None:
                self._note_death(part, now)
        elif now >= part.restart_at:
            self._start_again(part, now)

    def _start_again(self, part: _Part, now: float) -> None:
        try:
            part.process = self._launch(part.program, part.rank)
        except ConfigurationError as error:  # no memory, no process left: the others need their supervisor on
            part.restart_at = now + _LONGEST_BACKOFF_S
            self._say(f"{error}; it is tried again in {_LONGEST_BACKOFF_S:.0f} s", style="red")
            return
        part.started_at, part.restart_at = now, None
        self._say(f"{part.program.name} runs again (process {part.process.pid})")

    def _note_death(self, part: _Part, now: float) -> None:
        kill_group(part.process.pid)  # what it had started must not outlive it
        code = part.process.returncode
        name, words = part.program.name, last_words(part.program.log, lines=1)
        if code == _CONFIGURATION:
            part.given_up = True
            self._say(f"{name} cannot run as it is configured, and stays down. {words}", style="red")
            return
        part.failures = 0 if now - part.started_at >= _STEADY_S else part.failures + 1
        delay = min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * 2 ** max(0, part.failures - 1)) if part.failures else 0.0
        part.restart_at = now + delay
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        self._say(f"{name} {how}; it starts again in {delay:.0f} s. {words}", style="yellow")


def _member(part: _Part) -> Member | None:
    program = part.program
    return member(program.name, part.process.pid, program.stop_signal, part.rank, program.grace_s)


def wait_for(condition: Callable[[], bool], *, timeout_s: float, poll_s: float = 0.2) -> bool:
    """Whether ``condition`` came true within ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(poll_s)
    return True
