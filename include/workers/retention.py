"""The tables of prices are kept short, by the process that makes them grow."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from include.settings import RetentionSettings
from include.stores import retention
from include.stores.postgres import Database
from include.workers.rounds import Rounds

log = logging.getLogger(__name__)

_EVERY_S = 3600.0


def housekeeper(database: Database, settings: RetentionSettings) -> Rounds:
    """Drops what is too old, at once and then every hour: start, stop, health."""

    def work() -> bool:
        drop_old(database, settings, datetime.now(UTC))
        return False

    return Rounds("retention", work, every_s=_EVERY_S)


def drop_old(database: Database, settings: RetentionSettings, now: datetime) -> list[str]:
    """Drop what is older than the settings allow as of ``now``; -> the partitions that went. Raises Transient."""
    days = {
        "market_ticks": settings.ticks_days,
        "price_history": settings.prices_days,
        "bars_1m": settings.bars_days,
        "price_movements": settings.movements_days,
    }
    dropped: list[str] = []
    for table, kept in days.items():
        with database.transaction() as connection:
            retention.keep(connection, table, kept)
            dropped += retention.drop_before(connection, table, now - timedelta(days=kept))
    with database.transaction() as connection:
        retention.delete_gaps_before(connection, now - timedelta(days=settings.bars_days))
        # A day longer than ticks: a partition in which the moment itself lies stays whole.
        retention.delete_corrections_before(connection, now - timedelta(days=settings.ticks_days + 1))
    if dropped:
        log.info("dropped as too old: %s", ", ".join(dropped))
    return dropped
