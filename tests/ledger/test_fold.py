"""Folds commute, repeat harmlessly, and always add up (on a real PostgreSQL)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_runs import START, failed, listed, page_child, processed, request

from include.contracts.tasks import Stage
from include.errors import Permanent
from include.ledger.cancel import cancel, cancelled_runs, reopen
from include.ledger.fold import fold
from include.ledger.opening import NightlyStillActive, open_run
from include.ledger.outcome import Outcome, from_completion
from include.ledger.progress import progress
from include.stores.postgres import Database

pytestmark = pytest.mark.stack


def _open(database: Database, run_id: str, *regions: str, nightly: bool = False) -> None:
    with database.transaction() as connection:
        open_run(connection, run_id, request(*regions), START, nightly=nightly)


def _fold(database: Database, *outcomes: Outcome) -> None:
    with database.transaction() as connection:
        fold(connection, outcomes)


def _rows(database: Database, run_id: str) -> list[tuple[Any, ...]]:
    """Everything of the run's tasks but the region, which is where a stock happened to be folded first."""
    columns = (
        "stage, task_id, parent_id, band, key, state, attempts, replay_count, error_class, error_message, "
        "detail, stocks, started_at, ended_at"
    )
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM tasks WHERE run_id = %s ORDER BY stage, task_id", (run_id,))
        return cursor.fetchall()


def _stocks(database: Database, run_id: str) -> tuple[int, int, int]:
    with database.transaction() as connection:
        counts = progress(connection, run_id).stocks
    return counts.completed, counts.failed, counts.pending


_SYMBOLS = tuple("ABCDEFGH")


@st.composite
def _outcomes_of_a_run(draw: st.DrawFn) -> list[Any]:
    """Functions run_id -> Outcome: a first page with a second one, and any ends of their stocks."""
    first = draw(st.lists(st.sampled_from(_SYMBOLS), max_size=5, unique=True))
    second = draw(st.lists(st.sampled_from(_SYMBOLS), max_size=5, unique=True))
    made: list[Any] = [
        lambda run: from_completion(listed(run, "us", 0, first, pages=[1], announced=9)),
        # A symbol of both pages would have either as its parent, so the second page leaves those out.
        lambda run: from_completion(listed(run, "us", 1, [s for s in second if s not in first], announced=9)),
    ]
    for symbol in sorted({*first, *second}):
        for _ in range(draw(st.integers(0, 3))):
            replay, seconds = draw(st.integers(0, 2)), draw(st.integers(2, 5))
            if draw(st.booleans()):
                made.append(lambda run, s=symbol, r=replay, t=seconds: from_completion(processed(run, "us", s, r, t)))
            else:
                made.append(lambda run, s=symbol, r=replay, t=seconds: failed(run, "us", s, r, t))
    return made


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_the_same_outcomes_ends_in_the_same_rows(database: Database, data: st.DataObject) -> None:
    made = data.draw(_outcomes_of_a_run())
    order = data.draw(st.permutations(made + data.draw(st.lists(st.sampled_from(made), max_size=3))))
    size = data.draw(st.integers(1, 5))
    plan_at = data.draw(st.integers(0, len(order)))
    run_id = f"run-{uuid4()}"

    _open(database, run_id, "us")
    _fold(database, *[make(run_id) for make in made])
    expected = _rows(database, run_id)
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM runs WHERE run_id = %s", (run_id,))

    for start in range(0, len(order), size):
        if start <= plan_at < start + size:
            _open(database, run_id, "us")
        _fold(database, *[make(run_id) for make in order[start : start + size]])
    _open(database, run_id, "us")
    assert _rows(database, run_id) == expected
    with database.transaction() as connection:
        run = progress(connection, run_id)
    assert run.counts.sent == len(expected) == run.counts.completed + run.counts.failed + run.counts.pending


def test_children_are_pending_until_their_own_outcome(database: Database) -> None:
    _open(database, "r", "us")
    _fold(database, from_completion(listed("r", "us", 0, ["A", "B", "C"])))
    assert _stocks(database, "r") == (0, 0, 3)
    _fold(database, from_completion(processed("r", "us", "A")), failed("r", "us", "B"))
    assert _stocks(database, "r") == (1, 1, 1)


def test_completed_beats_failed_at_the_same_attempt_and_a_replay_beats_both(database: Database) -> None:
    _open(database, "r", "us")
    _fold(database, from_completion(processed("r", "us", "A", seconds=3)))
    _fold(database, failed("r", "us", "A", seconds=9))
    assert _stocks(database, "r") == (1, 0, 0)
    _fold(database, failed("r", "us", "A", replay_count=1, seconds=4))
    assert _stocks(database, "r") == (0, 1, 0)
    _fold(database, from_completion(processed("r", "us", "A", seconds=9)))
    assert _stocks(database, "r") == (0, 1, 0)


def test_a_symbol_of_two_regions_is_one_task_of_the_first_region_folded(database: Database) -> None:
    _open(database, "r", "de", "fr")
    _fold(database, from_completion(listed("r", "fr", 0, ["SAP.DE"])))
    _fold(database, from_completion(listed("r", "de", 0, ["SAP.DE"])))
    with database.transaction() as connection:
        found = {r.region: r.stocks.sent for r in progress(connection, "r").regions}
    assert found == {"de": 0, "fr": 1}


def test_a_failed_page_makes_its_region_incomplete(database: Database) -> None:
    _open(database, "r", "de", "fr")
    lost = page_child("r", "de", 0)
    _fold(
        database,
        Outcome(
            run_id="r",
            stage=Stage.SCRAPING,
            task_id=lost.task_id,
            key="de",
            region="de",
            state="failed",
            replay_count=0,
            attempts=5,
            error_class="Transient",
            error_message="no answer",
            ended_at=START,
        ),
    )
    with database.transaction() as connection:
        assert progress(connection, "r").incomplete_regions == ("de",)


def test_children_of_a_cancelled_run_are_born_cancelled(database: Database) -> None:
    _open(database, "r", "us")
    _fold(database, from_completion(listed("r", "us", 0, ["A"], announced=3)))
    with database.transaction() as connection:
        assert cancel(connection, "r", "cancelled by a test")
        assert not cancel(connection, "r", "again")
    assert _stocks(database, "r") == (0, 1, 0)
    assert "r" in cancelled_runs(database)
    _fold(database, from_completion(listed("r", "us", 1, ["B", "C"], announced=3)))
    assert _stocks(database, "r") == (0, 3, 0)
    # A worker that was in the middle of it reports what it did.
    _fold(database, from_completion(processed("r", "us", "B")))
    assert _stocks(database, "r") == (1, 2, 0)


def test_a_cancelled_run_cannot_be_cleared(database: Database) -> None:
    _open(database, "r", "us")
    with database.transaction() as connection:
        cancel(connection, "r", "cancelled by a test")
    with pytest.raises(Permanent, match="trigger a new run"):
        _open(database, "r", "us")


def test_a_cleared_run_keeps_its_request_and_its_outcomes(database: Database) -> None:
    _open(database, "r", "us")
    _fold(database, from_completion(listed("r", "us", 0, ["A"])))
    with database.transaction() as connection:
        tasks = open_run(connection, "r", request("gb", "jp"), START)
    assert [t.region for t in tasks] == ["us"]
    assert _stocks(database, "r") == (0, 0, 1)


def test_a_replayed_task_is_pending_again_once(database: Database) -> None:
    _open(database, "r", "us")
    lost = failed("r", "us", "A")
    _fold(database, lost)
    with database.transaction() as connection:
        assert reopen(connection, "r", Stage.PROCESSING, lost.task_id, 1)
        assert not reopen(connection, "r", Stage.PROCESSING, lost.task_id, 1)
    assert _stocks(database, "r") == (0, 0, 1)
    _fold(database, lost)
    assert _stocks(database, "r") == (0, 0, 1)
    _fold(database, from_completion(processed("r", "us", "A", replay_count=1)))
    assert _stocks(database, "r") == (1, 0, 0)


def test_one_nightly_run_is_active_while_manual_ones_run_beside(database: Database) -> None:
    _open(database, "night-1", "us", nightly=True)
    _open(database, "manual", "us")
    with pytest.raises(NightlyStillActive, match="night-2"):
        _open(database, "night-2", "us", nightly=True)
    _open(database, "night-1", "us", nightly=True)
