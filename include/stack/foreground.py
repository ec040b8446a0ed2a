"""`stocks up`: the stack in the foreground of a terminal, ended by Ctrl-C, SIGTERM or the terminal's end."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping

from include.errors import Transient
from include.settings import PROJECT
from include.stack.feeds import so_far
from include.stack.housekeeping import shorten_logs
from include.stack.local import local_stack
from include.stack.programs import Options
from include.stack.screen import Screen
from include.stack.starting import RunningStack
from include.stack.state import NEEDED_MIB
from include.stack.tidying import is_due, tidy

_MINUTE_S = 60.0
_TIDY_LOOK_S = 600.0  # not at once: a start has enough to do


def run_in_foreground(options: Options, regions: tuple[str, ...] = (), *, exit_after: bool = False) -> int:
    """Run the stack until it is interrupted, with one scrape of ``regions`` if any are named. The exit code."""
    screen = Screen()
    code = 0
    _end_on_signals()
    try:
        with local_stack(options, screen) as stack:
            _announce(stack, screen)
            if regions:
                code = scrape(stack.environment, regions)
                if options.feeds:
                    _tell_of_prices(stack, screen)
            if not (regions and (exit_after or not screen.console.is_terminal)):
                screen("Ctrl-C stops everything.", style="bold")
                stay(stack, screen)
            screen("Stopping …")
    except KeyboardInterrupt:
        pass
    screen("Everything is stopped.")
    return code


def scrape(env: Mapping[str, str], regions: tuple[str, ...]) -> int:
    """One scrape with progress, summary and proof, in this terminal. The scrape's exit code."""
    code = _stocks(env, "scrape", "--regions", ",".join(regions), "--wait")
    _stocks(env, "verify", "latest")
    return code


def _stocks(env: Mapping[str, str], *arguments: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "include.cli", *arguments], env=dict(env), cwd=PROJECT, check=False
    ).returncode


def stay(stack: RunningStack, screen: Screen) -> None:
    """Keep house until interrupted."""
    chores: list[tuple[float, Callable[[], None]]] = [
        (_MINUTE_S, lambda: shorten_logs(stack.state.logs)),
        (_MINUTE_S, lambda: _watch_disk(stack, screen)),
        (_TIDY_LOOK_S, lambda: _tidy(stack, screen)),
    ]
    began = time.monotonic()
    due = [began + every for every, _ in chores]
    while True:
        time.sleep(1)
        for index, (every, chore) in enumerate(chores):
            if time.monotonic() >= due[index]:
                due[index] = time.monotonic() + every
                chore()


def _announce(stack: RunningStack, screen: Screen) -> None:
    screen.table("The stack is up.", stack.places)
    if stack.new_password is not None:
        screen(f"Airflow's password for admin, shown this once: {stack.new_password}", style="bold")


def _tell_of_prices(stack: RunningStack, screen: Screen) -> None:
    try:
        screen(so_far(stack.environment))
    except Transient as error:  # the scrape's exit code is not touched by it
        screen(f"  ! {error}", style="yellow")


def _watch_disk(stack: RunningStack, screen: Screen) -> None:
    free = stack.state.free_mib()
    if free < NEEDED_MIB:
        screen(
            f"  ! the disk of {stack.state.home} has {free} MiB left: workers pause until there is room", style="red"
        )


def _tidy(stack: RunningStack, screen: Screen) -> None:
    def clean() -> None:
        try:
            tidy(stack.state.home, stack.airflow_environment)
        except Transient as error:
            screen(f"  ! {error}", style="yellow")

    if is_due(stack.state.home):
        threading.Thread(target=clean, name="housekeeping", daemon=True).start()


def _end_on_signals() -> None:
    """SIGTERM and the end of the terminal do what Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: object) -> None:
    # The terminal may be gone, and a second signal must not cut the ending short by accident of SIGHUP and SIGTERM.
    for other in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt
