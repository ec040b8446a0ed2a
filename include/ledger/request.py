"""What a run was asked for. It is stored with the run: a cleared run repeats it, whatever the settings say now."""

from __future__ import annotations

from datetime import datetime

import msgspec

from include.contracts.market_cap import Band
from include.contracts.tasks import ScrapingTask, Screener, scraping_task


class RunRequest(msgspec.Struct, frozen=True):
    """The regions and market-cap bands of a run; ``planned_at`` is chosen once and kept."""

    regions: tuple[str, ...]
    bands: tuple[Band, ...]
    screener: Screener
    planned_at: datetime


def planned_tasks(run_id: str, request: RunRequest) -> list[ScrapingTask]:
    """The first page of every region and band: the same request makes the same tasks, byte for byte."""
    return [
        scraping_task(run_id, region, band, 0, request.screener, request.planned_at)
        for region in request.regions
        for band in request.bands
    ]
