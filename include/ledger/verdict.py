"""How a run ends: succeeded or failed, and why."""

from __future__ import annotations

from typing import Literal

import msgspec
from psycopg2.extensions import connection as Connection

from include.ledger.gaps import gaps
from include.ledger.progress import RunProgress, progress

State = Literal["running", "succeeded", "failed", "cancelled"]

_END = """
UPDATE runs SET state = %(state)s, reason = %(reason)s, ended_at = coalesce(ended_at, now())
WHERE run_id = %(run_id)s AND cancelled_at IS NULL
"""


class Verdict(msgspec.Struct, frozen=True):
    """A run's state, with the reason when it is not ``succeeded``."""

    state: State
    reason: str | None = None


def judge(run: RunProgress, failure_threshold: float) -> Verdict:
    """The verdict on a run of which nothing is pending.

    ``failure_threshold`` is the share of tasks, from 0 to 1, that may have failed. An incomplete
    region fails the run whatever the threshold: nobody knows how many stocks are missing.
    """
    if run.cancelled:
        return Verdict("cancelled", run.reason)
    counts = run.counts
    if run.incomplete_regions:
        return Verdict("failed", f"listing pages failed, so stocks are missing of: {', '.join(run.incomplete_regions)}")
    if counts.sent and counts.failed / counts.sent > failure_threshold:
        share = counts.failed / counts.sent
        return Verdict(
            "failed",
            f"{counts.failed} of {counts.sent} tasks failed ({share:.1%}), "
            f"above RUN_FAILURE_THRESHOLD ({failure_threshold:.1%})",
        )
    return Verdict("succeeded")


def conclude(connection: Connection, run_id: str, failure_threshold: float) -> Verdict:
    """Judge the run and write its end. A run with pending tasks is still running, and nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM runs WHERE run_id = %s FOR UPDATE", (run_id,))
    run = progress(connection, run_id)
    if run.counts.pending:
        return Verdict("running", f"{run.counts.pending} tasks are pending")
    verdict = judge(run, failure_threshold)
    _write(connection, run_id, verdict)
    return verdict


def give_up(connection: Connection, run_id: str, reason: str) -> None:
    """End a running run as failed with its pending tasks left pending: clearing it sends those again.

    One that has ended meanwhile keeps its end.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM runs WHERE run_id = %s AND state = 'running' FOR UPDATE", (run_id,))
        if cursor.fetchone() is not None:
            _write(connection, run_id, Verdict("failed", reason))


def judge_again(connection: Connection, run_ids: list[str], failure_threshold: float) -> None:
    """After replays: a run that had ended is judged by what its tasks are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT run_id FROM runs WHERE run_id = ANY(%s) AND state IN ('succeeded', 'failed') ORDER BY run_id",
            (run_ids,),
        )
        ended = [run_id for (run_id,) in cursor.fetchall()]
    for run_id in ended:
        conclude(connection, run_id, failure_threshold)


def missing_stocks(connection: Connection, run_id: str) -> tuple[str, ...]:
    """What the listings could not account for, a line per band."""
    return tuple(str(gap) for gap in gaps(connection, run_id) if gap.missing)


def _write(connection: Connection, run_id: str, verdict: Verdict) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_END, {"run_id": run_id, "state": verdict.state, "reason": verdict.reason})
