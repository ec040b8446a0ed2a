from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from include.errors import Transient
from include.stores.postgres import Database
from include.transport.limits import Limit, parse_limits
from include.transport.pauses import LONGEST_LEARNED_PAUSE_S, learned_s, paused_sources
from include.transport.quota import Quota

pytestmark = pytest.mark.stack
A_DAY = (Limit(25, 86400.0),)


def test_two_processes_together_draw_no_more_than_allowed(database: Database) -> None:
    quotas = [Quota(database.transaction, "alpha-vantage", A_DAY, key="secret") for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        delays = list(threads.map(lambda n: quotas[n % 2].try_take(), range(100)))
    # A lease may end unused (its slot passed), but nothing is ever granted twice.
    assert delays.count(0.0) == 25


def test_the_tightest_of_several_windows_decides(database: Database) -> None:
    quota = Quota(database.transaction, "polygon", parse_limits("5/min 1000/day"))
    assert [quota.try_take() > 0 for _ in range(7)] == [False] * 5 + [True] * 2
    minute, day = quota.state()
    assert (minute.left, day.left) == (0, 995)
    assert 50 < minute.wait_s < 70


def test_keys_of_one_source_have_budgets_of_their_own_and_no_key_is_stored(database: Database) -> None:
    for key in ("first-secret", "second-secret"):
        quota = Quota(database.transaction, "polygon", parse_limits("1/day"), key=key)
        assert quota.try_take() == 0
        assert quota.try_take() > 0
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT quotas::text FROM quotas")
        assert not [row for row in cursor.fetchall() if "secret" in row[0]]


def _let_the_pause_end_in(database: Database, seconds: float) -> None:
    """As if that much of the pause were left: neither a test that waits nor one that is late need fear it."""
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE source_pauses SET paused_until = clock_timestamp() + make_interval(secs => %s)", [seconds]
        )


def test_a_pause_holds_every_process_and_ends(database: Database) -> None:
    here, there = (Quota(database.transaction, "yahoo") for _ in range(2))
    here.pause(3600)
    assert here.try_take() > 0
    assert there.try_take() > 0
    assert there.paused_s() > 0
    with database.transaction() as connection:
        assert paused_sources(connection) == ["yahoo"]
    _let_the_pause_end_in(database, 0.3)
    there.take(threading.Event().wait)
    assert there.paused_s() == 0


def test_a_shorter_pause_never_ends_a_longer_one(database: Database) -> None:
    quota = Quota(database.transaction, "yahoo")
    quota.pause(3600)
    quota.pause(1)
    assert quota.paused_s() > 3000


def test_a_refusal_that_names_no_time_pauses_a_second_and_those_under_way_count_as_one(database: Database) -> None:
    quota = Quota(database.transaction, "yahoo")
    assert quota.pause() == 1.0
    _let_the_pause_end_in(database, 3600)
    assert 3000 < quota.pause() <= 3600


def test_refusals_in_a_row_double_the_pause_up_to_five_minutes() -> None:
    assert learned_s(None, 0) == 1
    assert learned_s(0.5, 1) == 2
    assert learned_s(3, 2) == 4
    assert learned_s(60, 200) == LONGEST_LEARNED_PAUSE_S == 300
    assert learned_s(3600, 256) == 1


def test_a_source_that_answered_in_between_is_paused_for_a_second_only(database: Database) -> None:
    quota = Quota(database.transaction, "yahoo")
    assert quota.pause() == 1.0
    for answers, paused_s in ((9, 2.0), (10, 1.0), (0, 2.0)):
        _let_the_pause_end_in(database, 0)
        for _ in range(answers):
            quota.answered()
        assert quota.pause() == paused_s


def test_a_wait_for_the_source_ends_when_the_worker_is_asked_to_stop(database: Database) -> None:
    quota = Quota(database.transaction, "yahoo")
    quota.pause(3600)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Transient, match="asked to stop"):
        quota.take(stop.wait)
    with pytest.raises(Transient, match="yahoo is paused"):
        quota.wait_open(stop.wait)
