"""`stocks restore`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from include.contracts.text import printable

if TYPE_CHECKING:
    from include.workers.restore import Restored


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
    app.command()(restore)


def restore(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV backups, .gz or not, or folders of them.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Load backups of ticks into PostgreSQL, each tick once; repeating it changes nothing.

    Bars are made again from what is new. Exit 1 if a line could not be restored; the others are. Exit 2, and nothing
    is restored, if a file is no backup.
    """
    import msgspec
    from rich.progress import Progress

    from include.settings import DatabaseSettings, RetentionSettings, environment
    from include.stores.postgres import Database
    from include.stores.ticks import TickStore
    from include.terminal import Console
    from include.workers import restore as station
    from include.workers.restore_reading import backups

    found = backups(files)
    kept_days = RetentionSettings.from_env(environment()).ticks_days
    database = Database(DatabaseSettings.from_env(environment()).connection, size=1)
    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("restoring", total=sum(file.stat().st_size for file in found))
        try:
            restored = station.restore(found, TickStore(database), lambda done: progress.advance(task, done))
        finally:
            database.close()
    if restored.oldest_at and restored.oldest_at < datetime.now(UTC) - timedelta(days=kept_days):
        typer.echo(
            f"Some are older than the {kept_days} days that market_ticks goes back: the sink worker drops them within "
            "the hour, unless TICKS_KEPT_DAYS allows more.",
            err=True,
        )
    if as_json:
        typer.echo(msgspec.json.encode(restored))
    else:
        _print(restored)
    if restored.faults:
        raise typer.Exit(1)


def _print(restored: Restored) -> None:
    for fault in restored.faults:
        typer.echo(printable(f"{fault.file}, line {fault.line}: {fault.why}"), err=True)
    files = f"{len(restored.files)} file" + ("" if len(restored.files) == 1 else "s")
    typer.echo(
        f"{restored.read} ticks read from {files}: {restored.new} new, "
        f"{restored.already_there} already there, {restored.refused} refused."
    )
