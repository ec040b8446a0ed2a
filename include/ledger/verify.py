"""`stocks verify`: a run is proven, not proven, or unprovable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from include.ledger.account import Account, read_account
from include.ledger.evidence import Evidence, gather
from include.ledger.progress import RunProgress, progress
from include.ledger.proof import Finding, duplicates, findings
from include.ledger.verdict import missing_stocks
from include.stores.postgres import Database

Conclusion = Literal["proven", "not proven", "unprovable"]


class Verification(msgspec.Struct, frozen=True):
    """What was proven of a run. ``faults`` are why not; ``notes`` are what a person should know besides."""

    run_id: str
    state: str
    conclusion: Conclusion
    sent: int
    completed: int
    failed: int
    pending: int
    effects: int
    duplicate_tasks: int
    duplicate_outcomes: int
    faults: tuple[Finding, ...]
    notes: tuple[str, ...]


def verify(database: Database, kafka: Mapping[str, Any], run_id: str) -> Verification:
    """Hold the ledger of the run against its topics. Raises Transient, and ConfigurationError for an unknown run.

    The topics are read first: whatever they show must then be in the tables of a run that has ended.
    """
    with database.transaction() as connection:
        started_at = progress(connection, run_id).started_at
    evidence = gather(kafka, run_id, started_at)
    with database.transaction() as connection:
        account = read_account(connection, run_id)
        run = progress(connection, run_id)
        missing = missing_stocks(connection, run_id)
    faults = (*findings(account, evidence, cancelled=run.cancelled), *_unfinished(run))
    unprovable = _unprovable(account, evidence, faults)
    counts, (tasks, outcomes) = run.counts, duplicates(evidence)
    return Verification(
        run_id=run.run_id,
        state=run.state,
        conclusion="unprovable" if unprovable else "not proven" if faults else "proven",
        sent=counts.sent,
        completed=counts.completed,
        failed=counts.failed,
        pending=counts.pending,
        effects=len(account.effects),
        duplicate_tasks=tasks,
        duplicate_outcomes=outcomes,
        faults=faults,
        notes=(*unprovable, *_notes(run, evidence, missing)),
    )


def _unfinished(run: RunProgress) -> list[Finding]:
    """What is pending is neither lost nor done: nothing is proven of it yet."""
    pending = run.counts.pending
    if not pending:
        return []
    why = "still pending: the run goes on" if run.state == "running" else "pending, though the run has ended"
    return [Finding(why, pending, ())]


def _unprovable(account: Account, evidence: Evidence, faults: tuple[Finding, ...]) -> tuple[str, ...]:
    """Why nothing can be said, if so.

    A topic that begins where the run begins may have lost records of the run, or of what came before it.
    Only what is missed tells: where everything is found, nothing of the run was deleted.
    """
    known = set(evidence.topic_ids.values())
    remade = sorted({topic for (topic_id, _, _), topic in account.drained.items() if topic_id not in known})
    reasons = []
    if evidence.cut and faults:
        reasons.append(f"retention has deleted records of that time: {', '.join(evidence.cut)}")
    if remade:
        reasons.append(f"topics were deleted and made again since: {', '.join(remade)}")
    return tuple(reasons)


def _notes(run: RunProgress, evidence: Evidence, missing: tuple[str, ...]) -> tuple[str, ...]:
    notes = [f"region {region} is incomplete: a listing page failed" for region in run.incomplete_regions]
    notes += missing
    if evidence.unreadable:
        notes.append(f"{evidence.unreadable} records of the outcome topics name no task of any run")
    return tuple(notes)
