"""How a stack ends: everything is asked, waited for, and then killed, until nothing is left.

It works with process ids alone, so that the supervisor can use it, and the guard in the supervisor's place.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby

import msgspec
import psutil

from include.stack.program import GRACE_S, kill_group

MARK = "STOCKS_STACK"  # every process of a stack carries it in its environment
_POLL_S = 0.05
_CLOCK_TOLERANCE_S = 2  # a start is known relative to the boot, whose time moves when the clock is set


class Member(msgspec.Struct, frozen=True):
    """A part's process group. Higher ranks end first; ``started_at`` (epoch seconds) tells a reused id apart.

    ``grace_s`` is how long it may take after it was asked to end.
    """

    name: str
    pid: int
    stop_signal: int
    rank: int
    started_at: float
    grace_s: float = GRACE_S

    def lives(self) -> bool:
        """Whether it still runs; a zombie does not."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started_at) < _CLOCK_TOLERANCE_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def member(name: str, pid: int, stop_signal: int, rank: int, grace_s: float = GRACE_S) -> Member | None:
    """The member that process ``pid`` is, or None if it has ended already."""
    try:
        return Member(name, pid, stop_signal, rank, psutil.Process(pid).create_time(), grace_s)
    except psutil.NoSuchProcess:
        return None


def end(members: Iterable[Member], mark: str, *, grace_s: float = GRACE_S) -> None:
    """End all, rank by rank: ask, wait up to a member's own grace and ``grace_s``, kill; then what carries ``mark``."""
    ordered = sorted(members, key=lambda m: m.rank, reverse=True)
    for _, group in groupby(ordered, key=lambda m: m.rank):
        _end_rank(list(group), grace_s)
    for process in marked(mark):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def marked(mark: str) -> list[psutil.Process]:
    """Every process but this one whose environment carries ``mark``, such as a browser that left its group."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                found.append(process)
        except (psutil.Error, OSError):  # other users' processes, or gone meanwhile
            continue
    return found


def _end_rank(members: list[Member], grace_s: float) -> None:
    # Told apart now: a child in a group of its own is nobody's once its parent is gone, and a program that
    # renames itself (Airflow's tasks) writes over its environment, the mark included.
    below = _descendants(members)
    for m in members:
        if m.lives():
            os.kill(m.pid, m.stop_signal)
    asked_at = time.monotonic()
    waited_for = list(members)
    while waited_for:
        waited_s = time.monotonic() - asked_at
        waited_for = [m for m in waited_for if m.lives() and waited_s < min(grace_s, m.grace_s)]
        time.sleep(_POLL_S if waited_for else 0)
    below |= _descendants(members)
    for m in members:
        kill_group(m.pid)
    for process in below:
        with suppress(psutil.Error):  # gone by now, or another user's
            process.kill()


def _descendants(members: Iterable[Member]) -> set[psutil.Process]:
    found: set[psutil.Process] = set()
    for m in members:
        with suppress(psutil.NoSuchProcess):
            if m.lives():
                found.update(psutil.Process(m.pid).children(recursive=True))
    return found
