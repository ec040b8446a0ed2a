"""How far a run is: counts, rate, what is left, and what went wrong last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection

from include.errors import ConfigurationError
from include.ledger.outcome import CANCELLED

LATEST = "latest"
_RECENT_ERRORS = 8
_RATE_WINDOW_S = 60.0

_RUN = """
SELECT run_id, state, reason, nightly, started_at, last_outcome_at, ended_at, cancelled_at, clock_timestamp()
FROM runs WHERE run_id = %s
"""
_COUNTS = """
SELECT region, stage, state, count(*)
FROM tasks WHERE run_id = %s GROUP BY region, stage, state
"""
_RECENT_OUTCOMES = """
SELECT count(*) FROM tasks WHERE run_id = %s AND state <> 'pending' AND ended_at > %s
"""
_ERRORS = """
SELECT stage, region, key, error_class, error_message, ended_at FROM tasks
WHERE run_id = %s AND state = 'failed' AND error_class IS DISTINCT FROM %s
ORDER BY ended_at DESC, task_id LIMIT %s
"""
_WARNINGS = """
SELECT region, key, warning FROM tasks, jsonb_array_elements_text(detail -> 'warnings') AS warning
WHERE run_id = %s AND stage = 'scraping' AND detail ? 'warnings' ORDER BY region, key, warning LIMIT %s
"""
_WARNING_LIMIT = 50


class Counts(msgspec.Struct, frozen=True):
    """Tasks by state; ``sent`` is their sum, for a task is one row with one state."""

    completed: int = 0
    failed: int = 0
    pending: int = 0

    @property
    def sent(self) -> int:
        """completed + failed + pending."""
        return self.completed + self.failed + self.pending

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.completed + other.completed, self.failed + other.failed, self.pending + other.pending)


class RegionProgress(msgspec.Struct, frozen=True):
    """One region: its stocks and its listing pages. ``incomplete``: a page failed, so more stocks may exist."""

    region: str
    stocks: Counts
    pages: Counts
    incomplete: bool


class RecentError(msgspec.Struct, frozen=True):
    """A task that failed lately; ``key`` is the symbol, or the page."""

    stage: str
    region: str
    key: str
    error_class: str | None
    message: str | None
    ended_at: datetime


class RunProgress(msgspec.Struct, frozen=True, kw_only=True):
    """The run as the ledger has it now. ``rate_per_s``: outcomes per second over the last minute that it ran."""

    run_id: str
    state: str
    reason: str | None
    nightly: bool
    started_at: datetime
    last_outcome_at: datetime | None
    ended_at: datetime | None
    cancelled: bool
    seen_at: datetime
    regions: tuple[RegionProgress, ...]
    rate_per_s: float
    errors: tuple[RecentError, ...]
    warnings: tuple[str, ...]

    @property
    def counts(self) -> Counts:
        """All tasks of the run, pages and stocks."""
        return sum((r.stocks + r.pages for r in self.regions), Counts())

    @property
    def stocks(self) -> Counts:
        """The tasks that are one stock each."""
        return sum((r.stocks for r in self.regions), Counts())

    @property
    def incomplete_regions(self) -> tuple[str, ...]:
        """The regions of which a listing page failed: what was found there is a lower bound."""
        return tuple(r.region for r in self.regions if r.incomplete)

    @property
    def eta_s(self) -> float | None:
        """Seconds until pending is 0 at the present rate; a lower bound while pages are listed."""
        return self.counts.pending / self.rate_per_s if self.rate_per_s else None

    @property
    def seconds(self) -> float:
        """From the start of the run to its last outcome, or to now while it is running."""
        last = self.last_outcome_at if self.counts.pending == 0 else None
        return ((last or self.ended_at or self.seen_at) - self.started_at).total_seconds()


def any_run(connection: Connection) -> bool:
    """Whether the ledger has a run that ``latest`` could be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM runs WHERE request IS NOT NULL)")
        (found,) = cursor.fetchone() or (False,)
        return bool(found)


def resolve(connection: Connection, run: str) -> str:
    """The run's id; ``latest`` is the one started last. Raises ConfigurationError for an unknown run."""
    with connection.cursor() as cursor:
        if run == LATEST:
            cursor.execute("SELECT run_id FROM runs WHERE request IS NOT NULL ORDER BY started_at DESC LIMIT 1")
        else:
            cursor.execute("SELECT run_id FROM runs WHERE run_id = %s", (run,))
        row = cursor.fetchone()
    if row is None:
        hint = "there is none yet; start one with: stocks scrape" if run == LATEST else "see: stocks monitor latest"
        raise ConfigurationError(f"the ledger has no run {run!r}: {hint}")
    return str(row[0])


def progress(connection: Connection, run_id: str) -> RunProgress:
    """Read the run from the ledger. Raises ConfigurationError for an unknown run."""
    with connection.cursor() as cursor:
        cursor.execute(_RUN, (run_id,))
        run = cursor.fetchone()
        if run is None:
            raise ConfigurationError(f"the ledger has no run {run_id!r}")
        started_at, seen_at = run[4], run[8]
        cursor.execute(_COUNTS, (run_id,))
        regions = _regions(cursor.fetchall())
        until = (run[5] if run[6] else None) or seen_at  # a run that is over gets no slower by being looked at later
        window_s = min(_RATE_WINDOW_S, max((until - started_at).total_seconds(), 1.0))
        cursor.execute(_RECENT_OUTCOMES, (run_id, until - timedelta(seconds=window_s)))
        (recent,) = cursor.fetchone() or (0,)
        cursor.execute(_ERRORS, (run_id, CANCELLED, _RECENT_ERRORS))
        errors = tuple(RecentError(*row) for row in cursor.fetchall())
        cursor.execute(_WARNINGS, (run_id, _WARNING_LIMIT))
        warnings = tuple(f"{region}: {text}" for region, _, text in cursor.fetchall())
    return RunProgress(
        run_id=run[0],
        state=run[1],
        reason=run[2],
        nightly=run[3],
        started_at=started_at,
        last_outcome_at=run[5],
        ended_at=run[6],
        cancelled=run[7] is not None,
        seen_at=seen_at,
        regions=regions,
        rate_per_s=recent / window_s,
        errors=errors,
        warnings=warnings,
    )


def _regions(rows: list[tuple[Any, ...]]) -> tuple[RegionProgress, ...]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    incomplete: set[str] = set()
    for region, stage, state, count in rows:
        found.setdefault(region, {"scraping": {}, "processing": {}})[stage][state] = count
        if stage == "scraping" and state == "failed":
            incomplete.add(region)
    return tuple(
        RegionProgress(region, Counts(**stages["processing"]), Counts(**stages["scraping"]), region in incomplete)
        for region, stages in sorted(found.items())
    )
