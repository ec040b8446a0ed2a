"""`stocks monitor`."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
    app.command()(monitor)


def monitor(
    run: Annotated[str, typer.Argument(help="A run's id, or 'latest'.")] = "latest",
    once: Annotated[bool, typer.Option("--once", help="Print once and return.")] = False,
    feeds: Annotated[bool, typer.Option("--feeds", help="The feeds alone, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Watch a run and the feeds, until the run has ended.

    Of the run: sent, completed, failed, pending, progress, rate, time left, recent errors. Of the feeds: how each
    does, its last message, what is left of every quota and when it renews, gaps, price movements.
    """
    from include.monitor.watch import watch, watch_feeds

    if feeds:
        watch_feeds(once=once, as_json=as_json)
    else:
        watch(run, once=once, as_json=as_json)
