"""`stocks worker`, `stocks topics`, and what can be asked without a worker."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from include.errors import ConfigurationError
from include.workers import feed_commands, questions, restore_commands


class WorkerKind(StrEnum):
    """The workers that there are."""

    SCRAPING = "scraping"
    PROCESSING = "processing"
    SINK = "sink"


# A scraping worker has one browser and drives it with one task at a time; a second thread lists by API beside it.
_CONCURRENCY = {WorkerKind.SCRAPING: 2, WorkerKind.PROCESSING: 8}


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
    app.command()(worker)
    app.command()(topics)
    questions.register(app)
    feed_commands.register(app)
    restore_commands.register(app)


def worker(
    kind: Annotated[WorkerKind, typer.Argument(help="Which tasks it takes; the sink takes prices.")],
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=256, help="Tasks under way at once; the sink has none.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Unique among running workers; derived when absent.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="For /healthz and /metrics; 0 is a free one.")] = 0,
    only: Annotated[
        list[str] | None, typer.Option(metavar="ROUTE", help="Of the sink: run this route or part; may be repeated.")
    ] = None,
) -> None:
    """Run one worker; more of them share the work. SIGTERM lets it finish what it is at."""
    if kind is WorkerKind.SINK:
        _sink(concurrency, name, port, tuple(only or ()))
    elif only:
        raise ConfigurationError("--only is for the sink; a scraping or processing worker has no routes")
    else:
        _tasks(kind, concurrency, name, port)


def _sink(concurrency: int | None, name: str | None, port: int, only: tuple[str, ...]) -> None:
    if concurrency is not None:
        raise ConfigurationError(
            "--concurrency is not for the sink, which has a thread per route; more sink workers share the partitions"
        )
    from include.settings import environment
    from include.workers.sink import SinkOrder, run_sink

    run_sink(SinkOrder(only, name, port), environment())


def _tasks(kind: WorkerKind, concurrency: int | None, name: str | None, port: int) -> None:
    from include.contracts.tasks import Stage
    from include.settings import environment
    from include.workers.worker import Order, run_worker

    order = Order(Stage(kind), concurrency or _CONCURRENCY[kind], name, port)
    if kind is WorkerKind.SCRAPING:
        from include.workers import scraping

        run_worker(order, environment(), scraping.build)
    else:
        from include.workers import processing

        run_worker(order, environment(), processing.build)


def topics(
    check: Annotated[bool, typer.Option("--check", help="Create nothing; exit 1 if something differs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Create the topics that are missing, and hold the others against the topic table."""
    import msgspec
    from rich.console import Console
    from rich.table import Table

    from include.settings import KafkaSettings, environment
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
