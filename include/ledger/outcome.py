"""What the ledger keeps of a task's end, and which of two ends counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from include.contracts.outcomes import Child, Completed, ScrapingCompleted
from include.contracts.tasks import Stage

CANCELLED = "Cancelled"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One end of one task: a completion, or a dead letter.

    ``children`` are the tasks that a page sent; ``detail`` is for people and for the check of a
    band's announced total.
    """

    run_id: str
    stage: Stage
    task_id: str
    key: str
    region: str
    band: str | None = None
    state: Literal["completed", "failed"]
    replay_count: int
    attempts: int
    error_class: str | None = None
    error_message: str | None = None
    detail: dict[str, Any] = {}
    started_at: datetime | None = None
    ended_at: datetime
    children: tuple[Child, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str]:
        """The primary key of the task's row."""
        return (self.run_id, str(self.stage), self.task_id)

    @property
    def strength(self) -> tuple[int, int, datetime, str]:
        """Of two outcomes of one task the stronger counts, whichever is folded first.

        A higher replay count beats a lower; at an equal one ``completed`` beats ``failed``. The rest
        only makes the order total, so that any order of folding ends in the same row. `fold` says
        the same in SQL.
        """
        rank = 3 if self.state == "completed" else 2
        return (self.replay_count, rank, self.ended_at, self.error_message or "")


def from_completion(completed: Completed) -> Outcome:
    """The outcome that a completion reports."""
    listing = isinstance(completed, ScrapingCompleted)
    return Outcome(
        run_id=completed.run_id,
        stage=Stage.SCRAPING if listing else Stage.PROCESSING,
        task_id=completed.task_id,
        key=completed.key,
        region=completed.region,
        band=completed.band if isinstance(completed, ScrapingCompleted) else None,
        state="completed",
        replay_count=completed.replay_count,
        attempts=completed.attempts,
        detail=_detail(completed),
        started_at=completed.started_at,
        ended_at=completed.finished_at,
        children=completed.children if isinstance(completed, ScrapingCompleted) else (),
    )


def strongest(outcomes: Iterable[Outcome]) -> dict[tuple[str, str, str], Outcome]:
    """Of each task the outcome that counts, in the order of the tasks' keys."""
    found: dict[tuple[str, str, str], Outcome] = {}
    for outcome in outcomes:
        known = found.get(outcome.identity)
        if known is None or outcome.strength > known.strength:
            found[outcome.identity] = outcome
    return dict(sorted(found.items()))


def _detail(completed: Completed) -> dict[str, Any]:
    detail: dict[str, Any] = {"worker": completed.worker}
    if completed.warnings:
        detail["warnings"] = list(completed.warnings)
    if isinstance(completed, ScrapingCompleted):
        return detail | {
            "page": completed.page,
            "listing": completed.listing,
            "announced": completed.announced,
            "listed": completed.listed,
        }
    return detail | {"rows": completed.rows, "ok": completed.ok}
