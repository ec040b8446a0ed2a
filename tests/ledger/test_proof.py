"""What contradicts a run and what does not, on evidence made by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Literal

from include.contracts.tasks import Stage
from include.ledger.account import Account, LedgerRow
from include.ledger.evidence import Evidence, Report
from include.ledger.outcome import Outcome
from include.ledger.proof import duplicates, findings

TASK = (Stage.PROCESSING, "task-1")


def _report(offset: int, state: Literal["completed", "failed"] = "completed") -> Report:
    outcome = Outcome(
        run_id="r",
        stage=Stage.PROCESSING,
        task_id="task-1",
        key="AAPL",
        region="us",
        state=state,
        replay_count=0,
        attempts=1,
        ended_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    return Report(("topic-id", 0, offset), outcome, b"{}")


def _faults(reports: tuple[Report, ...], drained: set[int]) -> list[str]:
    account = Account(
        tasks={TASK: LedgerRow("AAPL", "completed", 0, None)},
        effects={TASK: b"{}"},
        drained={("topic-id", 0, offset): "processing-completion" for offset in drained},
        without_ratios=(),
    )
    evidence = Evidence(Counter({TASK: 1}), reports, {"processing-completion": "topic-id"}, (), 0)
    return [found.fault for found in findings(account, evidence, cancelled=False)]


def test_a_repeated_report_that_still_waits_is_no_fault() -> None:
    assert _faults((_report(0), _report(1)), drained={0}) == []


def test_a_report_of_which_nothing_was_drained_is_one() -> None:
    assert _faults((_report(0), _report(1)), drained=set()) == ["reported, but not drained"]


def test_a_waiting_report_that_says_something_else_is_one() -> None:
    assert "reported, but not drained" in _faults((_report(0), _report(1, "failed")), drained={0})


def test_a_repeated_report_is_counted_whether_it_waits_or_not() -> None:
    evidence = Evidence(Counter({TASK: 1}), (_report(0), _report(1)), {}, (), 0)
    assert duplicates(evidence) == (0, 1)
