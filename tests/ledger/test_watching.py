"""When a run has stalled, and when it only waits for its source."""

from __future__ import annotations

import pytest
from made_runs import START, listed, request

from include.ledger.fold import fold
from include.ledger.opening import open_run
from include.ledger.outcome import from_completion
from include.ledger.watching import SOURCE, look
from include.scrapers import yahoo_session
from include.stores.postgres import Database

pytestmark = pytest.mark.stack


def _stalled(database: Database) -> bool:
    with database.transaction() as connection:
        run = look(connection, "r")
    assert run is not None
    return run.stalled(stall_minutes=15)


@pytest.fixture
def quiet(database: Database) -> Database:
    """A run with pending tasks and nothing heard of it for an hour."""
    with database.transaction() as connection, connection.cursor() as cursor:
        open_run(connection, "r", request("us"), START)
        fold(connection, [from_completion(listed("r", "us", 0, ["A"]))])
        ago = "now() - interval '1 hour'"
        cursor.execute(f"UPDATE runs SET resumed_at = {ago}, last_outcome_at = {ago}")
    return database


def test_a_run_without_an_outcome_for_that_long_has_stalled(quiet: Database) -> None:
    assert _stalled(quiet)


def test_an_outcome_sets_the_clock_back(quiet: Database) -> None:
    with quiet.transaction() as connection:
        fold(connection, [from_completion(listed("r", "us", 0, ["A"]))])
    assert not _stalled(quiet)


def test_clearing_a_run_sets_the_clock_back(quiet: Database) -> None:
    with quiet.transaction() as connection:
        open_run(connection, "r", request("us"), START)
    assert not _stalled(quiet)


@pytest.mark.parametrize(("ended", "stalled"), [("+ interval '1 hour'", False), ("- interval '30 minutes'", True)])
def test_a_paused_source_is_waited_for(quiet: Database, ended: str, stalled: bool) -> None:
    with quiet.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO source_pauses VALUES ('yahoo', '', now() {ended}, 60)")
    assert _stalled(quiet) is stalled


@pytest.mark.parametrize(("source", "stalled"), [("yahoo", False), ("alpha-vantage", True)])
def test_an_empty_quota_is_waited_for_if_it_is_the_one_that_the_run_draws_on(
    quiet: Database, source: str, stalled: bool
) -> None:
    with quiet.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quotas (source, key_hash, window_s, allowed, newest_slot, used) "
            "SELECT %s, '', 86400, 100, floor(extract(epoch FROM now()) / 4320), '{100}'",
            (source,),
        )
    assert _stalled(quiet) is stalled


def _use_up_the_quota(database: Database, hours_ago: int) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM quotas")
        cursor.execute(
            "INSERT INTO quotas (source, key_hash, window_s, allowed, newest_slot, used) "
            "SELECT 'yahoo', '', 86400, 100, floor(extract(epoch FROM now() - make_interval(hours => %s)) / 4320), "
            "'{100}'",
            (hours_ago,),
        )


def test_after_a_wait_for_quota_the_clock_starts_anew(quiet: Database) -> None:
    _use_up_the_quota(quiet, hours_ago=1)
    assert not _stalled(quiet)
    _waited(quiet, "now() - interval '14 minutes'")
    _use_up_the_quota(quiet, hours_ago=48)  # it has renewed
    assert not _stalled(quiet)
    _waited(quiet, "now() - interval '16 minutes'")
    assert _stalled(quiet)


def test_a_quota_that_was_raised_ends_the_wait_at_once(quiet: Database) -> None:
    _use_up_the_quota(quiet, hours_ago=1)
    assert not _stalled(quiet)
    _use_up_the_quota(quiet, hours_ago=48)
    assert not _stalled(quiet)
    ((waited,),) = _look_up(quiet, "SELECT waited_until <= clock_timestamp() FROM runs")
    assert waited


def _waited(database: Database, until: str) -> None:
    """As if the wait had lasted until then; the test does not have the hours."""
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(f"UPDATE runs SET waited_until = {until} WHERE waited_until IS NOT NULL")
        assert cursor.rowcount == 1


def _look_up(database: Database, question: str) -> list[tuple[object, ...]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def test_the_pause_of_a_price_feed_excuses_no_run(quiet: Database) -> None:
    with quiet.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO source_pauses VALUES ('polygon', '', now() + interval '1 hour', 60)")
    assert _stalled(quiet)


def test_the_source_of_a_run_is_the_one_that_its_workers_pause() -> None:
    assert SOURCE == yahoo_session.SOURCE


def test_a_run_that_the_ledger_does_not_know_is_no_run(database: Database) -> None:
    with database.transaction() as connection:
        assert look(connection, "nobody") is None
