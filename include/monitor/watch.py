"""`stocks monitor`: a run's progress and how the feeds do, once or live."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import msgspec
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from include.errors import Transient
from include.ledger.place import open_database
from include.ledger.progress import LATEST, RunProgress, any_run, progress, resolve
from include.ledger.screen import monitor_view
from include.ledger.summary import by_region
from include.monitor.looking import look
from include.monitor.reading import Reading
from include.monitor.screen import feeds_view, height
from include.settings import environment
from include.stores.postgres import Database
from include.terminal import Console

_LOOK_S = 1.0


class _Look(msgspec.Struct, frozen=True):
    """What is watched, at one moment; ``run`` is None where only the feeds are, or no run is yet."""

    run: RunProgress | None
    feeds: Reading

    @property
    def over(self) -> bool:
        """Whether there was a run and it has ended."""
        return self.run is not None and self.run.state != "running"

    def view(self, console: Console | None = None) -> RenderableType:
        """As a terminal shows it; with a ``console``, no more than fits there at once."""
        run = monitor_view(self.run) if self.run else Group()
        taken = height(run, console) if console else 0
        return Group(run, feeds_view(self.feeds, console, taken))

    def json(self) -> bytes:
        """As a script reads it: the run's own members (only a null ``run_id`` without one), and ``feeds``."""
        return msgspec.json.encode((shown(self.run) if self.run else {"run_id": None}) | {"feeds": self.feeds})


class _Latest:
    """The run that is watched: once there is one, it stays that one."""

    def __init__(self, database: Database, run: str) -> None:
        self._database = database
        self._run = run

    def __call__(self) -> RunProgress | None:
        """Its progress; None while there is no run at all. Raises ConfigurationError for an unknown one."""
        with self._database.transaction() as connection:
            if self._run == LATEST and not any_run(connection):
                return None
            self._run = resolve(connection, self._run)
            return progress(connection, self._run)


def watch(run: str, *, once: bool, as_json: bool) -> None:
    """Print the run's progress and the feeds until the run has ended, or once; as JSON, a line per look.

    Ctrl-C stops looking. Raises ConfigurationError for a run that the ledger does not know.
    """
    env = environment()
    with open_database(env) as database:
        latest = _Latest(database, run)
        _show(lambda: _Look(latest(), look(database, env)), once=once, as_json=as_json)


def watch_feeds(*, once: bool, as_json: bool) -> None:
    """Print how the feeds do until Ctrl-C, or once; as JSON, a line per look."""
    env = environment()
    with open_database(env) as database:
        _show(lambda: _Look(None, look(database, env)), once=once, as_json=as_json)


def _show(now: Callable[[], _Look], *, once: bool, as_json: bool) -> None:
    with suppress(KeyboardInterrupt):
        if as_json:
            _print_lines(now, once=once)
        elif once:
            Console().print(now().view())
        else:
            live(now, Console())


def _print_lines(now: Callable[[], _Look], *, once: bool) -> None:
    while True:
        found = now()
        print(found.json().decode(), flush=True)  # noqa: T201  a line per look, for a pipe
        if once or found.over:
            return
        time.sleep(_LOOK_S)


class Watched(Protocol):
    """What is shown until it is over."""

    @property
    def over(self) -> bool:
        """Whether nothing of it will change any more."""
        ...

    def view(self, console: Console | None = None) -> RenderableType:
        """As a terminal shows it."""
        ...


def live(now: Callable[[], Watched], console: Console, *, every_s: float = _LOOK_S) -> None:
    """Show what ``now`` finds until that is over. Raises what the first look does.

    Whoever watches for hours outlives a database that is away for a while: the last look stays, with the reason.
    """
    found = now()
    with Live(found.view(console), console=console, auto_refresh=False) as screen:
        while not found.over:
            time.sleep(every_s)
            try:
                found = now()
            except Transient as error:
                away = Text(f"! not as of now: {error}; looking again", style="yellow")
                screen.update(Group(away, found.view(console)), refresh=True)
            else:
                screen.update(found.view(console), refresh=True)


def shown(run: RunProgress) -> dict[str, object]:
    """The progress as JSON shows it: the counts as numbers of their own."""
    counts = run.counts
    done = (counts.completed + counts.failed) / counts.sent if counts.sent else 0.0
    return {
        "run_id": run.run_id,
        "state": run.state,
        "reason": run.reason,
        "sent": counts.sent,
        "completed": counts.completed,
        "failed": counts.failed,
        "pending": counts.pending,
        "progress": round(done, 4),
        "rate_per_s": round(run.rate_per_s, 2),
        "eta_s": None if run.eta_s is None else round(run.eta_s, 1),
        "started_at": run.started_at,
        "last_outcome_at": run.last_outcome_at,
        "regions": by_region(run),
        "incomplete_regions": run.incomplete_regions,
        "errors": run.errors,
        "warnings": run.warnings,
    }
