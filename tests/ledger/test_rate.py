"""How fast a run is, and was."""

from __future__ import annotations

import pytest
from made_runs import START, at, listed, processed, request

from include.ledger.fold import fold
from include.ledger.opening import open_run
from include.ledger.outcome import from_completion
from include.ledger.progress import progress
from include.stores.postgres import Database

pytestmark = pytest.mark.stack


def test_the_rate_of_a_run_that_is_over_is_that_of_its_last_minute_whenever_it_is_looked_at(
    database: Database,
) -> None:
    symbols = [f"S{n}" for n in range(9)]
    done = [listed("r", "us", 0, symbols), *(processed("r", "us", symbol, seconds=10) for symbol in symbols)]
    with database.transaction() as connection, connection.cursor() as cursor:
        open_run(connection, "r", request("us"), START)
        fold(connection, [from_completion(one) for one in done])
        started = {"started": START, "last": at(10), "ended": at(12)}
        cursor.execute(
            "UPDATE runs SET started_at = %(started)s, last_outcome_at = %(last)s, ended_at = %(ended)s", started
        )
    with database.transaction() as connection:
        assert progress(connection, "r").rate_per_s == pytest.approx(10 / 10)  # a page and nine stocks in ten seconds
