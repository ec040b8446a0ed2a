"""Work that comes back goes on whatever happened: a failing round, a lost database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from bar_trials import WORKED, figures, keep

from include.errors import Transient
from include.stores.postgres import Database
from include.workers.bars import bar_maker
from include.workers.rounds import Rounds

KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'the maker'"


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_round_that_has_more_to_do_is_followed_at_once() -> None:
    done, left = threading.Event(), [True, True, False]

    def work() -> bool:
        more = left.pop(0)
        if not more:
            done.set()
        return more

    rounds = Rounds("tested", work, every_s=3600)
    rounds.start()
    assert done.wait(60)
    rounds.stop()
    assert rounds.health() == {"healthy": True, "fault": None}


def test_a_round_that_fails_is_named_and_repeated() -> None:
    failed, go_on, worked = threading.Event(), threading.Event(), threading.Event()

    def work() -> bool:
        if not failed.is_set():
            failed.set()
            raise Transient("the database is away")
        assert go_on.wait(60)
        worked.set()
        return False

    rounds = Rounds("tested", work, every_s=0.01)
    rounds.start()
    eventually(lambda: rounds.health()["fault"] is not None)
    assert rounds.health() == {"healthy": False, "fault": "the database is away"}
    go_on.set()
    assert worked.wait(60)
    eventually(lambda: bool(rounds.health()["healthy"]))
    rounds.stop()


def test_one_that_was_never_started_can_be_stopped() -> None:
    Rounds("tested", lambda: False, every_s=1).stop()


def test_the_maker_of_bars_survives_the_loss_of_its_connection(database: Database) -> None:
    own = Database({**database.parameters, "application_name": "the maker"})
    maker = bar_maker(own)
    maker.start()
    try:
        keep(database, WORKED[0])
        eventually(lambda: figures(database) is not None)
        with database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute(KILL)
        keep(database, *WORKED)
        eventually(lambda: (figures(database) or ())[-1:] == (4,))
        eventually(lambda: bool(maker.health()["healthy"]))
    finally:
        maker.stop()
        own.close()
