"""What became of a task. A completion is sent only after its effect is durable."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from include.contracts.tasks import Stage


class Child(msgspec.Struct, frozen=True):
    """A task that a scraping task sent: enough to open its row in the ledger."""

    stage: Stage
    task_id: str
    key: str


class ScrapingCompleted(msgspec.Struct, frozen=True, kw_only=True):
    """One page was listed and every task in ``children`` is on its topic.

    ``announced`` is the total the source announced for the whole band, ``listed`` the distinct
    symbols on this page, those included that are left out (a fund, a cap outside of the band): the
    stocks among ``children`` and what was left out must add up to it. ``warnings`` are for people
    (a gap, a drifting page).
    """

    task_id: str
    run_id: str
    region: str
    band: str
    page: int
    key: str
    announced: int
    listed: int
    children: tuple[Child, ...]
    attempts: int
    replay_count: int
    started_at: datetime
    finished_at: datetime
    worker: str
    listing: int = 1
    warnings: tuple[str, ...] = ()
    schema_version: Literal[1] = 1


class ProcessingCompleted(msgspec.Struct, frozen=True, kw_only=True):
    """One stock's ratios are in PostgreSQL; ``rows`` counts its periods, ``ok`` its values with status OK."""

    task_id: str
    run_id: str
    region: str
    symbol: str
    key: str
    rows: int
    ok: int
    attempts: int
    replay_count: int
    started_at: datetime
    finished_at: datetime
    worker: str
    warnings: tuple[str, ...] = ()
    schema_version: Literal[1] = 1


Completed = ScrapingCompleted | ProcessingCompleted
