"""`stocks feed`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from include.workers.feed_process import FeedSummary


class FeedName(StrEnum):
    """The feeds that there are; a test holds them against the catalogue."""

    POLYGON = "polygon"
    BRAPI = "brapi"
    ALPHA_VANTAGE = "alpha-vantage"
    ALPACA_STOCKS = "alpaca-stocks"
    ALPACA_CRYPTO = "alpaca-crypto"


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
    app.command()(feed)


def feed(
    name: Annotated[FeedName, typer.Argument(help="Whose prices.")],
    once: Annotated[
        bool, typer.Option("--once", help="One round, then end; a stream ends when its first ticks are on their topic.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="For /healthz and /metrics; 0 is a free one.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Run one feed until SIGTERM. With --once: exit 1 when nothing that was asked for came."""
    from include.settings import environment
    from include.workers.feed_process import run_as_process

    summary = run_as_process(name, environment(), once=once, port=port)
    if as_json:
        import msgspec

        typer.echo(msgspec.json.encode(summary).decode())
    else:
        show(summary)
    if once and not summary.succeeded:
        sys.exit(1)


def show(summary: FeedSummary) -> None:
    """Print what a feed did."""
    from rich.table import Table
    from rich.text import Text

    from include.terminal import Console

    console = Console()
    console.print(
        f"{summary.feed}: {summary.sent} sent, {summary.failed} failed "
        f"({summary.success_rate:.1%} succeeded), cache hit rate {summary.cache_hit_rate:.1%}",
        highlight=False,
    )
    if summary.skipped:
        console.print(f"skipped, {summary.why_skipped}: {', '.join(summary.skipped)}", markup=False, highlight=False)
    if summary.failures:
        table = Table("symbol", "why it failed")
        for symbol, why in sorted(summary.failures.items()):
            table.add_row(Text(symbol), Text(why))  # a vendor's words are no markup
        console.print(table)
