"""A run's end in numbers: the table on the screen, ``summary.json``, and the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection

from include.ledger.progress import RunProgress, progress
from include.ledger.verdict import missing_stocks

FILE_NAME = "summary.json"


class Summary(msgspec.Struct, frozen=True):
    """``seconds`` from trigger to pending 0; ``regions`` maps a region to its stocks by state.

    ``requests_per_stock`` is known only where the source counts its requests, as the local market
    does. Regions are incomplete when a page failed or was never listed; ``missing`` is what the
    listings announced and no page showed.
    """

    run_id: str
    state: str
    seconds: float
    requests_per_stock: float | None
    regions: dict[str, dict[str, int]]
    reason: str | None
    incomplete_regions: tuple[str, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 for a succeeded run (failures up to the threshold included), else 1."""
        return 0 if self.state == "succeeded" else 1


def summarize(connection: Connection, run_id: str) -> Summary:
    """The summary of the run as the ledger has it now."""
    run = progress(connection, run_id)
    return Summary(
        run_id=run.run_id,
        state=run.state,
        seconds=round(run.seconds, 1),
        requests_per_stock=None,
        regions=by_region(run),
        reason=run.reason,
        incomplete_regions=tuple(r.region for r in run.regions if r.incomplete or r.pages.pending),
        missing=missing_stocks(connection, run_id),
        warnings=run.warnings,
    )


def by_region(run: RunProgress) -> dict[str, dict[str, int]]:
    """Per region the stocks found, completed, failed and pending; found is their sum."""
    return {
        r.region: {
            "found": r.stocks.sent,
            "completed": r.stocks.completed,
            "failed": r.stocks.failed,
            "pending": r.stocks.pending,
        }
        for r in run.regions
    }


def write(summary: Summary, home: Path) -> Path:
    """Write ``summary.json`` into the state folder, whole or not at all."""
    home.mkdir(parents=True, exist_ok=True)
    target = home / FILE_NAME
    draft = target.with_suffix(".json.part")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
    draft.replace(target)
    return target


def to_json(value: Any) -> str:
    """Any of the ledger's frozen answers as indented JSON text."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
