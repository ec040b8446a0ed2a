"""How runs end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_runs import START, failed, listed, page_child, processed, request

from include.contracts.tasks import Stage
from include.ledger.cancel import cancel, reopen
from include.ledger.fold import fold
from include.ledger.opening import open_run
from include.ledger.outcome import Outcome, from_completion
from include.ledger.progress import progress
from include.ledger.summary import summarize, write
from include.ledger.verdict import conclude, give_up, judge_again
from include.stores.postgres import Database

pytestmark = pytest.mark.stack
SYMBOLS = [f"S{n}" for n in range(20)]


def _run(database: Database, failures: int, *extra: Outcome) -> None:
    """20 stocks of one page, the first ``failures`` of them failed: 21 tasks."""
    ends = [failed("r", "us", s) for s in SYMBOLS[:failures]]
    ends += [from_completion(processed("r", "us", s)) for s in SYMBOLS[failures:]]
    with database.transaction() as connection:
        open_run(connection, "r", request("us"), START)
        fold(connection, [from_completion(listed("r", "us", 0, SYMBOLS)), *ends, *extra])


def _state(database: Database) -> tuple[str, str | None]:
    with database.transaction() as connection:
        run = progress(connection, "r")
    return run.state, run.reason


@pytest.mark.parametrize(("failures", "state"), [(0, "succeeded"), (1, "succeeded"), (2, "failed")])
def test_a_run_fails_above_the_threshold_not_at_it(database: Database, failures: int, state: str) -> None:
    _run(database, failures)
    with database.transaction() as connection:
        assert conclude(connection, "r", failure_threshold=1 / 21).state == state
        assert summarize(connection, "r").exit_code == (0 if state == "succeeded" else 1)


def test_a_failed_page_fails_the_run_whatever_the_threshold(database: Database) -> None:
    page = page_child("r", "us", 1)
    lost = Outcome(
        run_id="r",
        stage=Stage.SCRAPING,
        task_id=page.task_id,
        key=page.key,
        region="us",
        state="failed",
        replay_count=0,
        attempts=5,
        ended_at=START,
    )
    _run(database, 0, lost)
    with database.transaction() as connection:
        verdict = conclude(connection, "r", failure_threshold=1.0)
    assert (verdict.state, "us" in (verdict.reason or "")) == ("failed", True)


def test_a_run_with_pending_tasks_is_not_concluded(database: Database) -> None:
    with database.transaction() as connection:
        open_run(connection, "r", request("us"), START)
        assert conclude(connection, "r", 0.05).state == "running"
    assert _state(database) == ("running", None)


def test_a_stalled_run_keeps_its_pending_tasks_for_a_clear(database: Database) -> None:
    with database.transaction() as connection:
        open_run(connection, "r", request("us"), START)
        give_up(connection, "r", "stock-scraping-tasks lags")
        assert progress(connection, "r").counts.pending == 1
    assert _state(database) == ("failed", "stock-scraping-tasks lags")
    with database.transaction() as connection:
        open_run(connection, "r", request("us"), START)
    assert _state(database) == ("running", None)


def test_a_run_that_has_ended_is_not_given_up(database: Database) -> None:
    _run(database, 0)
    with database.transaction() as connection:
        conclude(connection, "r", 0.05)
        give_up(connection, "r", "its DAG run ended as success")
    assert _state(database) == ("succeeded", None)


def test_a_stalled_run_can_be_cancelled_and_one_that_is_over_cannot(database: Database) -> None:
    with database.transaction() as connection:
        open_run(connection, "r", request("us"), START)
        give_up(connection, "r", "stock-scraping-tasks lags")
        assert cancel(connection, "r", "cancelled by a test")
        assert progress(connection, "r").counts.pending == 0
    assert _state(database) == ("cancelled", "cancelled by a test")
    with database.transaction() as connection:
        assert not cancel(connection, "r", "again")


def test_a_failed_run_without_pending_tasks_cannot_be_cancelled(database: Database) -> None:
    _run(database, 3)
    with database.transaction() as connection:
        assert conclude(connection, "r", 0.05).state == "failed"
        assert not cancel(connection, "r", "too late")


def test_a_cancelled_run_stays_cancelled(database: Database) -> None:
    _run(database, 20)
    with database.transaction() as connection:
        cancel(connection, "r", "cancelled by a test")
        assert conclude(connection, "r", 1.0).state == "cancelled"
    assert _state(database) == ("cancelled", "cancelled by a test")


def test_a_failed_run_whose_failures_were_replayed_has_succeeded(database: Database) -> None:
    _run(database, 3)
    lost = failed("r", "us", "S0")
    with database.transaction() as connection:
        assert conclude(connection, "r", 0.05).state == "failed"
        for symbol in SYMBOLS[:3]:
            reopen(connection, "r", lost.stage, failed("r", "us", symbol).task_id, 1)
        judge_again(connection, ["r"], 0.05)
    assert _state(database)[0] == "failed"
    with database.transaction() as connection:
        fold(connection, [from_completion(processed("r", "us", s, replay_count=1)) for s in SYMBOLS[:3]])
        judge_again(connection, ["r"], 0.05)
    assert _state(database) == ("succeeded", None)


def test_the_summary_is_written_as_its_readers_expect_it(database: Database, tmp_path: Path) -> None:
    _run(database, 1)
    with database.transaction() as connection:
        conclude(connection, "r", 0.05)
        path = write(summarize(connection, "r"), tmp_path)
    summary = json.loads(path.read_text())
    assert path.name == "summary.json"
    assert {"run_id", "state", "seconds", "requests_per_stock", "regions"} <= summary.keys()
    assert summary["regions"] == {"us": {"found": 20, "completed": 19, "failed": 1, "pending": 0}}
