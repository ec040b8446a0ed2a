"""Holding the ledger against the topics: pure, so that every fault can be made and found in a test."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from include.contracts.tasks import Stage
from include.ledger.account import Account, LedgerRow
from include.ledger.evidence import Evidence, Report, TaskKey
from include.ledger.outcome import CANCELLED, Outcome, strongest

_EXAMPLES = 5


class Finding(msgspec.Struct, frozen=True):
    """A fault: what is wrong, how often, and the first few tasks or places that show it."""

    fault: str
    count: int
    examples: tuple[str, ...]


def findings(account: Account, evidence: Evidence, *, cancelled: bool) -> list[Finding]:
    """Every way in which the run's ledger, topics and tables contradict each other; empty if they agree."""
    checks: tuple[tuple[str, Iterator[str]], ...] = (
        ("in the ledger, but never sent", _never_sent(account, evidence)),
        ("sent, but not in the ledger", _unknown(account, evidence, cancelled=cancelled)),
        ("reported, but not drained", _not_drained(account, evidence)),
        ("the ledger says otherwise than the topics", _contradicted(account, evidence)),
        ("reported as completed without a recorded effect", _without_effect(account, evidence)),
        ("reported with two different effects", _twice(account, evidence)),
        ("completed, but the stock has no ratios", iter(account.without_ratios)),
    )
    return [found for fault, examples in checks if (found := _finding(fault, examples))]


def duplicates(evidence: Evidence) -> tuple[int, int]:
    """Messages beyond the first of each: (tasks, outcomes). At-least-once delivery makes some; they change nothing."""
    keys = {_said(report) for report in evidence.reports}
    return evidence.sent.total() - len(evidence.sent), len(evidence.reports) - len(keys)


def _finding(fault: str, examples: Iterator[str]) -> Finding | None:
    found = list(examples)
    return Finding(fault, len(found), tuple(found[:_EXAMPLES])) if found else None


def _never_sent(account: Account, evidence: Evidence) -> Iterator[str]:
    for key, row in account.tasks.items():
        # A run that is cancelled while it is planned has tasks that nobody sends any more.
        if key not in evidence.sent and row.error_class != CANCELLED:
            yield _name(key, row)


def _unknown(account: Account, evidence: Evidence, *, cancelled: bool) -> Iterator[str]:
    """Children are sent before their page is reported: they may be unknown until then, for good if it is cancelled."""
    listing = any(stage == Stage.SCRAPING and row.state == "pending" for (stage, _), row in account.tasks.items())
    if not listing and not cancelled:
        yield from (f"{stage} {task_id}" for stage, task_id in evidence.sent if (stage, task_id) not in account.tasks)


def _said(report: Report) -> tuple[str, str, str, int]:
    """What a report says; another that says the same changes nothing."""
    return (report.outcome.stage, report.outcome.task_id, report.outcome.state, report.outcome.replay_count)


def _not_drained(account: Account, evidence: Evidence) -> Iterator[str]:
    # A run may end while workers still report again what they had reported before a broker or a worker died.
    known = {_said(report) for report in evidence.reports if report.place in account.drained}
    for report in evidence.reports:
        if report.place not in account.drained and _said(report) not in known:
            yield f"{report.outcome.stage} {report.outcome.key}"


def _contradicted(account: Account, evidence: Evidence) -> Iterator[str]:
    reported = {key[1:]: outcome for key, outcome in strongest(r.outcome for r in evidence.reports).items()}
    for key, row in account.tasks.items():
        if (says := _contradiction(row, reported.get(key))) is not None:
            yield f"{_name(key, row)}: {row.state} in the ledger, {says} by the topics"


def _contradiction(row: LedgerRow, outcome: Outcome | None) -> str | None:
    """What the topics say, if the ledger says otherwise."""
    if outcome is None:
        return None if row.state == "pending" or row.error_class == CANCELLED else "never ended"
    if row.state == "pending":
        return None if row.replay_count > outcome.replay_count and outcome.state == "failed" else outcome.state
    return None if row.state == outcome.state else outcome.state


def _without_effect(account: Account, evidence: Evidence) -> Iterator[str]:
    for key, outcome in _completions(evidence):
        if key not in account.effects:
            yield f"{outcome.stage} {outcome.key}"


def _twice(account: Account, evidence: Evidence) -> Iterator[str]:
    """A repeated report is the same report; only its replay count may be another."""
    seen = {key: {_essence(effect)} for key, effect in account.effects.items()}
    names: dict[TaskKey, str] = {}
    for report in evidence.reports:
        if report.body is not None:
            key = (str(report.outcome.stage), report.outcome.task_id)
            names[key] = f"{report.outcome.stage} {report.outcome.key}"
            seen.setdefault(key, set()).add(_essence(report.body))
    yield from (names[key] for key in names if len(seen[key]) > 1)


def _completions(evidence: Evidence) -> Iterator[tuple[TaskKey, Outcome]]:
    done = {
        (str(r.outcome.stage), r.outcome.task_id): r.outcome for r in evidence.reports if r.outcome.state == "completed"
    }
    yield from done.items()


def _essence(completion: bytes) -> bytes:
    body = msgspec.json.decode(completion)
    body.pop("replay_count", None)
    return msgspec.json.encode(body, order="sorted")


def _name(key: TaskKey, row: LedgerRow) -> str:
    return f"{key[0]} {row.key}"
