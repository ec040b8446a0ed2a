"""`stocks monitor`: a run's progress, once or live."""

from __future__ import annotations

import time

import msgspec
from rich.console import Console
from rich.live import Live

from include.ledger.place import open_database
from include.ledger.progress import RunProgress, progress, resolve
from include.ledger.screen import monitor_view
from include.ledger.summary import by_region
from include.settings import environment
from include.stores.postgres import Database

_LOOK_S = 1.0


def watch(run: str, *, once: bool, as_json: bool) -> None:
    """Print the run's progress until it has ended, or once; as JSON, a line per look. Ctrl-C stops looking."""
    with open_database(environment()) as database:
        with database.transaction() as connection:
            run_id = resolve(connection, run)
        if as_json or once:
            _print(database, run_id, once=once, as_json=as_json)
        else:
            _live(database, run_id)


def _print(database: Database, run_id: str, *, once: bool, as_json: bool) -> None:
    while True:
        now = _look(database, run_id)
        if as_json:
            print(msgspec.json.encode(shown(now)).decode(), flush=True)  # noqa: T201  a line per look, for a pipe
        else:
            Console().print(monitor_view(now))
        if once or now.state != "running":
            return
        time.sleep(_LOOK_S)


def _live(database: Database, run_id: str) -> None:
    try:
        with Live(monitor_view(_look(database, run_id)), auto_refresh=False) as screen:
            while (now := _look(database, run_id)).state == "running":
                screen.update(monitor_view(now), refresh=True)
                time.sleep(_LOOK_S)
            screen.update(monitor_view(now), refresh=True)
    except KeyboardInterrupt:
        return


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


def _look(database: Database, run_id: str) -> RunProgress:
    with database.transaction() as connection:
        return progress(connection, run_id)
