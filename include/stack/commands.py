"""`stocks up`, `stocks migrate`, `stocks tidy`, `stocks reset`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

_Market = Annotated[Literal["local", "live"], typer.Option(help="The bundled local market, or the live sources.")]
# The profiles that the market has; a test holds them against it.
_Profile = Annotated[
    Literal["calm", "rate-limited", "flaky", "hostile"], typer.Option(help="How the local market behaves.")
]
_Seed = Annotated[int, typer.Option(help="The local market's seed: the same seed is the same market.")]
_Stocks = Annotated[int, typer.Option(min=1, help="Stocks per region in the local market.")]
_Scraping = Annotated[int, typer.Option(min=0, help="Scraping workers, each with a browser of its own.")]
_Processing = Annotated[int, typer.Option(min=0, help="Processing workers.")]
_Latency = Annotated[float, typer.Option(min=0, help="What every request to the local market takes, in milliseconds.")]
_Feeds = Annotated[bool, typer.Option(help="Price feeds, the worker that stores their prices, and MongoDB.")]
_Recordings = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Recorded real answers, put before the generated ones."),
]


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
    app.command()(up)
    app.command()(migrate)
    app.command()(tidy)
    app.command()(reset)


def up(
    market: _Market = "local",
    profile: _Profile = "calm",
    seed: _Seed = 1,
    stocks_per_region: _Stocks = 200,
    scraping_workers: _Scraping = 1,
    processing_workers: _Processing = 2,
    latency_ms: _Latency = 0,
    recordings: _Recordings = None,
    feeds: _Feeds = True,
    then_scrape: Annotated[str, typer.Option(hidden=True, help="Regions to scrape at once.")] = "",
    then_exit: Annotated[
        bool, typer.Option(hidden=True, help="Stop after that scrape, as without a terminal.")
    ] = False,
) -> None:
    """Start the local stack, print where everything is, and stop all of it on Ctrl-C.

    Ports: Airflow 8080 (AIRFLOW_PORT), Kafka 9092 and 9093 (KAFKA_PORT, KAFKA_CONTROLLER_PORT), local market 8089
    (MARKET_PORT), MongoDB 27018 or a free one (MONGO_PORT); 0 takes a free one. State: .stocks/ (STOCKS_HOME).
    """
    from include.stack.foreground import run_in_foreground
    from include.stack.programs import Options

    options = Options(
        market=market,
        profile=profile,
        seed=seed,
        stocks_per_region=stocks_per_region,
        latency_ms=latency_ms,
        recordings=recordings,
        scraping_workers=scraping_workers,
        processing_workers=processing_workers,
        feeds=feeds,
    )
    regions = tuple(r.strip() for r in then_scrape.split(",") if r.strip())
    watched = sys.stdin.isatty() or sys.stdout.isatty()  # nobody could press Ctrl-C otherwise
    raise typer.Exit(run_in_foreground(options, regions, exit_after=then_exit or not watched))


def migrate() -> None:
    """Bring the database to the newest schema; safe to repeat."""
    from include.settings import DatabaseSettings, environment
    from include.stores.migrations import migrate as bring_up

    settings = DatabaseSettings.from_env(environment())
    bring_up(settings.connection)
    typer.echo(f"The database {settings.name} has the newest schema.")


def tidy(
    once: Annotated[bool, typer.Option("--once", help="Do it now, and end.")] = False,
) -> None:
    """Remove Airflow's task logs and metadata older than two weeks, once a day. A local stack does so by itself."""
    import os
    import threading

    from include.settings import Home
    from include.stack import tidying
    from include.workers.stopping import ended_by_signals

    if once:
        tidying.tidy(Home.from_env(os.environ).home, os.environ)
        return
    stop = threading.Event()
    with ended_by_signals(stop):
        tidying.tidy_daily(os.environ, stop)


def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Throw the local state away: tables, topics, runs, documents, backups of ticks, logs."""
    from include.settings import Home, environment
    from include.stack.state import StateFolder

    state = StateFolder(Home.from_env(environment()).home)
    if not state.home.exists():
        typer.echo(f"There is no local state in {state.home}.")
        return
    if not yes:
        backups = " (the backups of ticks too)" if (state.home / "backups").exists() else ""
        typer.confirm(f"Throw away everything in {state.home}{backups}?", abort=True)
    state.discard()
    typer.echo(f"{state.home} is gone. The next `stocks up` starts anew.")
