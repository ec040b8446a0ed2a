"""`stocks scrape`: trigger a run, follow it, sum it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from include.ledger.airflow_api import AirflowApi
from include.ledger.following import follow, linger
from include.ledger.place import open_database
from include.ledger.progress import RunProgress
from include.ledger.request_count import RequestCount
from include.ledger.screen import note, progress_bar, summary_view
from include.ledger.summary import Summary, summarize, to_json, write
from include.settings import AirflowSettings, Home, environment
from include.stores.postgres import Database
from include.terminal import Console


def scrape(form: Mapping[str, Any], *, wait: bool, as_json: bool) -> int:
    """Trigger a run with the form's values; with ``wait``, follow it to its end. The exit code."""
    env = environment()
    screen = Console(stderr=as_json)
    counter = RequestCount.of(env)
    with AirflowApi(AirflowSettings.from_env(env)) as airflow:
        if not wait:
            _say_started(airflow.trigger(form), airflow, as_json=as_json)
            return 0
        with open_database(env) as database:
            run_id = airflow.trigger(form)
            screen.print(f"run {run_id}\n{airflow.page(run_id)}", highlight=False, soft_wrap=True)
            _show(database, airflow, run_id, screen)
            summary = _sum_up(database, run_id, counter)
        write(summary, Home.from_env(env).home)
        if as_json:
            print(to_json(summary))  # noqa: T201  the command's answer
        else:
            screen.print(summary_view(summary))
        if not linger(airflow, run_id):
            screen.print(f"Airflow has not ended the run yet: {airflow.page(run_id)}", highlight=False, soft_wrap=True)
    return summary.exit_code


def _show(database: Database, airflow: AirflowApi, run_id: str, screen: Console) -> None:
    try:
        with progress_bar(screen) as bar:
            task = bar.add_task("planning", total=None, note="")
            for run in follow(database, airflow, run_id):
                if run is not None:
                    done = run.counts.completed + run.counts.failed
                    bar.update(task, description=_phase(run), total=run.counts.sent, completed=done, note=note(run))
    except KeyboardInterrupt:
        screen.print(f"\nThe run goes on. Watch it: stocks monitor '{run_id}'; end it: stocks cancel '{run_id}'")
        raise


def _phase(run: RunProgress) -> str:
    pages = [r.pages for r in run.regions]
    if any(p.pending for p in pages):
        return f"listing, {run.stocks.sent} stocks found"
    return "fetching" if run.counts.pending else "judging"


def _sum_up(database: Database, run_id: str, counter: RequestCount | None) -> Summary:
    with database.transaction() as connection:
        summary = summarize(connection, run_id)
    stocks = sum(counts["found"] for counts in summary.regions.values())
    requests = None if counter is None else counter.since_then()
    if requests is None or not stocks:
        return summary
    return msgspec.structs.replace(summary, requests_per_stock=round(requests / stocks, 3))


def _say_started(run_id: str, airflow: AirflowApi, *, as_json: bool) -> None:
    if as_json:
        print(to_json({"run_id": run_id, "url": airflow.page(run_id)}))  # noqa: T201  the command's answer
    else:
        Console().print(f"run {run_id} is started: {airflow.page(run_id)}", highlight=False, soft_wrap=True)
