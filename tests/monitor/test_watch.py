"""A live view goes on while what it asks is away, and ends when what it shows is over."""

from __future__ import annotations

import io

import pytest

from include.errors import Transient
from include.monitor.watch import live
from include.terminal import Console


class Told:
    """Something to watch: a line, the last one or not."""

    def __init__(self, line: str, *, over: bool = False) -> None:
        self.line = line
        self.over = over

    def view(self, console: Console | None = None) -> str:
        return self.line


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


def console(screen: io.StringIO) -> Console:
    return Console(file=screen, force_terminal=True, width=80, height=24, _environ={"TERM": "xterm"})


def test_a_database_that_is_away_for_a_while_ends_no_live_view(screen: io.StringIO) -> None:
    looks: list[Told | Transient] = [
        Told("some are done"),
        Transient("PostgreSQL is away"),
        Transient("PostgreSQL is away"),
        Told("all are done", over=True),
    ]

    def now() -> Told:
        found = looks.pop(0)
        if isinstance(found, Transient):
            raise found
        return found

    live(now, console(screen), every_s=0)
    shown = screen.getvalue()
    away = shown.index("! not as of now: PostgreSQL is away; looking again")
    assert "some are done" in shown[away : shown.index("all are done")]
    assert not looks


def test_a_first_look_that_fails_is_a_failure(screen: io.StringIO) -> None:
    def now() -> Told:
        raise Transient("PostgreSQL is away")

    with pytest.raises(Transient, match="PostgreSQL is away"):
        live(now, console(screen), every_s=0)
