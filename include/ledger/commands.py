"""`stocks scrape`, `stocks verify`, `stocks cancel`."""

from __future__ import annotations

from typing import Annotated

import typer

_Regions = Annotated[str | None, typer.Option(help="Codes such as us,gb,jp; SCRAPE_REGIONS when left out.")]
_Least = Annotated[str | None, typer.Option(help="Smallest market cap, such as 100M, in the listing's currency.")]
_Most = Annotated[str | None, typer.Option(help="Only market caps below this one, such as 1B.")]
_Run = Annotated[str, typer.Argument(help="A run's id, or 'latest'.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
    for command in (scrape, verify, cancel):
        app.command()(command)


def scrape(
    regions: _Regions = None,
    market_cap_min: _Least = None,
    market_cap_max: _Most = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the run to its end and print its summary.")] = False,
    json: _Json = False,
) -> None:
    """Scrape regions: every stock they list, with its ratios. Triggers regional_scrape in Airflow.

    With --wait the exit code is 0 when the run succeeded and 1 when it failed.
    """
    from include.ledger.asking import scrape as run_scrape
    from include.ledger.form import form

    raise typer.Exit(run_scrape(form(regions, market_cap_min, market_cap_max), wait=wait, as_json=json))


def verify(run: _Run = "latest", json: _Json = False) -> None:
    """Prove a run: ledger against topics and tables, nothing lost, nothing twice. Exit code 1 if not proven."""

    from include.ledger.place import open_database
    from include.ledger.progress import resolve
    from include.ledger.screen import verification_view
    from include.ledger.summary import to_json
    from include.ledger.verify import verify as prove
    from include.settings import KafkaSettings, environment
    from include.terminal import Console

    env = environment()
    kafka = KafkaSettings.from_env(env).librdkafka()
    with open_database(env) as database:
        with database.transaction() as connection:
            run_id = resolve(connection, run)
        found = prove(database, kafka, run_id)
    if json:
        typer.echo(to_json(found))
    else:
        Console().print(verification_view(found))
    raise typer.Exit(0 if found.conclusion == "proven" else 1)


def cancel(run: _Run, json: _Json = False) -> None:
    """Cancel a run: its pending tasks end as failed with class Cancelled, without dead letters."""
    import getpass

    from include.errors import Permanent
    from include.ledger.cancel import cancel as cancel_run
    from include.ledger.place import open_database
    from include.ledger.progress import progress, resolve
    from include.ledger.summary import to_json
    from include.settings import environment

    with open_database(environment()) as database, database.transaction() as connection:
        run_id = resolve(connection, run)
        before = progress(connection, run_id)
        if not cancel_run(connection, run_id, f"cancelled by {getpass.getuser()}"):
            raise Permanent(f"run {run_id} cannot be cancelled: it is over, with the state {before.state}")
    pending = before.counts.pending
    answer = {"run_id": run_id, "cancelled_tasks": pending}
    typer.echo(to_json(answer) if json else f"{run_id}: {pending} tasks cancelled")
