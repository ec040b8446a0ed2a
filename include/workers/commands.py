"""`stocks worker`, `stocks topics`, and what can be asked without a worker."""

from __future__ import annotations

from typing import Annotated

import typer

from include.errors import ConfigurationError
from include.workers import feed_commands, questions, restore_commands

_Name = Annotated[str | None, typer.Option(help="Unique among running workers; derived when absent.")]
_Port = Annotated[int, typer.Option(min=0, max=65535, help="For /healthz and /metrics; 0 is a free one.")]
_Concurrency = Annotated[int, typer.Option(min=1, max=256, help="Tasks under way at once.")]


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Run one worker; more of them share the work. SIGTERM lets it finish what it is at.",
    )
    for worker in (scraping, processing, sink):
        group.command()(worker)
    app.add_typer(group, name="worker")
    app.command()(topics)
    questions.register(app)
    feed_commands.register(app)
    restore_commands.register(app)


def scraping(concurrency: _Concurrency = 2, name: _Name = None, port: _Port = 0) -> None:
    """Take the tasks of listings: walk a region's pages, send a task per stock.

    A worker has one browser, driven by one task at a time; with SCREENER=api a second one lists beside it.
    """
    from include.contracts.tasks import Stage
    from include.settings import environment
    from include.workers.scraping import build
    from include.workers.worker import Order, run_worker

    run_worker(Order(Stage.SCRAPING, concurrency, name, port), environment(), build)


def processing(concurrency: _Concurrency = 8, name: _Name = None, port: _Port = 0) -> None:
    """Take the tasks of stocks: read statements and quote, compute the ratios, keep them."""
    from include.contracts.tasks import Stage
    from include.settings import environment
    from include.workers.processing import build
    from include.workers.worker import Order, run_worker

    run_worker(Order(Stage.PROCESSING, concurrency, name, port), environment(), build)


def sink(
    only: Annotated[
        list[str] | None, typer.Option(metavar="ROUTE", help="Run this route or part alone; may be repeated.")
    ] = None,
    name: _Name = None,
    port: _Port = 0,
    concurrency: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Take prices: write each price topic into its stores, make bars, tell of movements, drop what is old.

    Every route whose store is configured has a thread of its own; more sinks share the partitions. The routes are
    postgres:market_ticks, postgres:tick-corrections, postgres:stock-prices, postgres:price-alerts,
    mongo:trading-assets-market-data-v1, sqlite:stock-prices and csv:market_ticks; what runs beside them are bars,
    movements and retention.
    """
    if concurrency is not None:
        raise ConfigurationError(
            "--concurrency is not for the sink, which has a thread per route; more sink workers share the partitions"
        )
    from include.settings import environment
    from include.workers.sink import SinkOrder, run_sink

    run_sink(SinkOrder(tuple(only or ()), name, port), environment())


def topics(
    check: Annotated[bool, typer.Option("--check", help="Create nothing; exit 1 if something differs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Create the topics that are missing, and hold the others against the topic table."""
    import msgspec
    from rich.table import Table

    from include.settings import KafkaSettings, environment
    from include.terminal import Console
    from include.transport.admin import check_topics, create_topics

    settings = KafkaSettings.from_env(environment()).librdkafka()
    states = check_topics(settings) if check else create_topics(settings)
    if as_json:
        typer.echo(msgspec.json.encode(states))
    else:
        table = Table("topic", "partitions", "state")
        for state in states:
            said = "; ".join(state.faults) or ("created" if state.created else "as it should be")
            table.add_row(state.name, str(state.partitions), said)
        Console().print(table)
    if any(state.faults for state in states):
        raise typer.Exit(1)
