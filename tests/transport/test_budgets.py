"""What is left of every source, as whoever only wants to know sees it."""

from __future__ import annotations

import pytest

from include.stores.postgres import Database
from include.transport.budgets import Plan, budgets
from include.transport.limits import Limit, Usage, parse_limits, renewed_s, spend
from include.transport.quota import Quota, fingerprint

FIVE_A_MINUTE = Limit(5, 60.0)


def test_a_window_is_whole_again_when_its_last_request_is_forgotten() -> None:
    early = spend(FIVE_A_MINUTE, Usage(0), 1000.0, 1)
    late = spend(FIVE_A_MINUTE, early, 1030.0, 1)
    assert renewed_s(FIVE_A_MINUTE, Usage(0), 1030.0) == 0
    # A minute from the last request, and up to two slots (3 s each) for the slots' edges.
    assert 60 < renewed_s(FIVE_A_MINUTE, late, 1030.0) <= 66
    assert renewed_s(FIVE_A_MINUTE, late, 1030.0) - renewed_s(FIVE_A_MINUTE, early, 1030.0) == 30


@pytest.mark.stack
def test_looking_draws_nothing_and_names_no_key(database: Database) -> None:
    quota = Quota(database.transaction, "polygon", parse_limits("5/min 100/day"), key="canary-key")
    for _ in range(3):
        assert quota.try_take() == 0
    plan = Plan("polygon", parse_limits("5/min 100/day"), fingerprint("canary-key"))
    for _ in range(2):
        with database.transaction() as connection:
            (budget,) = budgets(connection, [plan])
        assert [(w.window_s, w.left, w.allowed) for w in budget.windows] == [(60.0, 2, 5), (86400.0, 97, 100)]
        assert budget.paused_s == 0
    assert not [secret for secret in ("canary-key", fingerprint("canary-key")) if secret in repr(budget)]


@pytest.mark.stack
def test_a_source_that_was_never_asked_has_all_of_its_plan(database: Database) -> None:
    with database.transaction() as connection:
        (budget,) = budgets(connection, [Plan("alpha-vantage", parse_limits("25/day"), fingerprint("x"))])
    assert [(w.left, w.wait_s, w.renewed_s) for w in budget.windows] == [(25, 0, 0)]


@pytest.mark.stack
def test_sources_without_a_plan_here_are_told_of_as_they_were_drawn_on(database: Database) -> None:
    Quota(database.transaction, "yahoo", parse_limits("1/min")).try_take()
    Quota(database.transaction, "brapi", key="of another machine").pause(600)
    with database.transaction() as connection:
        brapi, yahoo = budgets(connection, [])
    assert (brapi.source, brapi.windows, 590 < brapi.paused_s <= 600) == ("brapi", (), True)
    assert [(w.left, w.allowed, w.wait_s > 0) for w in yahoo.windows] == [(0, 1, True)]
