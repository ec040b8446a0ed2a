"""What is too old goes, once a day; what a question about the past needs stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.contracts.fundamentals import ExchangeRate
from include.contracts.quotes import Quote
from include.ledger.prune import prune, prune_daily
from include.settings import HistorySettings
from include.stores import quotes, rates
from include.stores.postgres import Database

pytestmark = pytest.mark.stack
KEPT = HistorySettings(RUNS_KEPT_DAYS=90, QUOTES_KEPT_DAYS=400, RATES_KEPT_DAYS=400, DEAD_LETTERS_KEPT_DAYS=90)
# A Monday; what is kept in full begins long after the weeks that follow it.
MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _do(database: Database, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def _prune(database: Database) -> dict[str, int]:
    with database.transaction() as connection:
        return prune(connection, KEPT)


def _run(database: Database, run_id: str, state: str, days_ago: int, request: str | None = "{}") -> None:
    _do(
        database,
        "INSERT INTO runs (run_id, state, request, started_at) VALUES (%s, %s, %s, now() - make_interval(days => %s))",
        (run_id, state, request, days_ago),
    )
    _do(
        database,
        "INSERT INTO tasks (run_id, stage, task_id, region, key) VALUES (%s, 'scraping', gen_random_uuid(), '', '')",
        (run_id,),
    )


def test_old_runs_that_have_ended_go_with_their_tasks_and_a_running_one_stays(database: Database) -> None:
    _run(database, "old", "succeeded", 91)
    _run(database, "young", "succeeded", 89)
    _run(database, "old-and-running", "running", 91)
    _run(database, "never-planned-here", "running", 91, request=None)
    assert _prune(database) == {"runs": 2}
    assert _do(database, "SELECT run_id FROM tasks ORDER BY 1") == [("old-and-running",), ("young",)]


def test_old_effects_and_marks_go_unless_their_run_is_there_or_their_topic_keeps_its_records(
    database: Database,
) -> None:
    _run(database, "old-and-running", "running", 91)
    for run_id in ("old-and-running", "gone"):
        _do(
            database,
            "INSERT INTO effects VALUES (%s, 'scraping', gen_random_uuid(), '', '[]', now() - interval '91 days')",
            (run_id,),
        )
        for topic in ("scraping-completion", "scraping-errors"):
            _do(
                database,
                "INSERT INTO drained_outcomes VALUES (%s, %s, 0, 0, %s, 'scraping', NULL, now() - interval '91 days')",
                (topic + run_id, topic, run_id),
            )
    assert _prune(database) == {"effects": 1, "drained outcomes": 1}
    assert _do(database, "SELECT topic FROM drained_outcomes WHERE run_id = 'gone'") == [("scraping-errors",)]


def _letter(database: Database, offset: int, state: str, acted_days_ago: Sequence[int]) -> None:
    ((letter,),) = _do(
        database,
        'INSERT INTO dead_letters (topic_id, topic, partition, "offset", headers, failed_at, state) '
        "VALUES ('t', 'scraping-errors', 0, %s, '{}', now() - interval '1000 days', %s) RETURNING id",
        (offset, state),
    )
    for days in acted_days_ago:
        _do(
            database,
            "INSERT INTO dead_letter_actions (dead_letter_id, action, actor, reason, acted_at) "
            "VALUES (%s, 'replay', 'a', 'b', now() - make_interval(days => %s))",
            (letter, days),
        )


def test_a_dead_letter_goes_some_time_after_its_review_and_never_before_it(database: Database) -> None:
    for offset, (state, acted) in enumerate(
        [("waiting", []), ("replaying", [91]), ("replayed", [91]), ("replayed", [200, 89]), ("discarded", [91])]
    ):
        _letter(database, offset, state, acted)
    assert _prune(database) == {"reviewed dead letters": 2}
    assert _do(database, 'SELECT "offset" FROM dead_letters ORDER BY 1') == [(0,), (1,), (3,)]


def _quote(database: Database, at: datetime) -> None:
    with database.transaction() as connection:
        quotes.store(connection, Quote("A", "us", at, price=at.timestamp()))


def _priced_at(database: Database, at: datetime) -> datetime | None:
    with database.transaction() as connection:
        found = quotes.as_of(connection, "A", at)
    return None if found is None else found.observed_at


def test_of_old_quotes_the_first_of_each_week_answers_for_its_days(database: Database) -> None:
    for at in (MONDAY + 2 * DAY, MONDAY + 3 * DAY, MONDAY + 6 * DAY + 23 * HOUR, MONDAY + 7 * DAY, MONDAY + 9 * DAY):
        _quote(database, at)
    assert _prune(database) == {"quotes": 3}
    assert _priced_at(database, MONDAY + DAY) is None
    assert _priced_at(database, MONDAY + 6 * DAY) == MONDAY + 2 * DAY
    assert _priced_at(database, MONDAY + 30 * DAY) == MONDAY + 7 * DAY


def test_young_quotes_all_stay(database: Database) -> None:
    now = datetime.now(UTC)
    for days in (1, 2, 3, 399):
        _quote(database, now - days * DAY)
    assert _prune(database) == {}


def _rates_as_of_each_day(database: Database, days: int) -> list[list[ExchangeRate]]:
    with database.transaction() as connection:
        return [
            rates.observed(connection, ["EUR", "GBP"], "USD", MONDAY - DAY, MONDAY + (n + 1) * DAY - HOUR / 3600)
            for n in range(days)
        ]


def test_thinning_exchange_rates_changes_no_answer_about_a_past_day(database: Database) -> None:
    with database.transaction() as connection:
        for n in range(40):  # every six hours; on every third day the market is closed and the rate an old one
            seen = MONDAY + 6 * n * HOUR
            rated = seen - (2 * DAY if n // 4 % 3 == 2 else HOUR)
            rates.store(connection, [ExchangeRate(c, "USD", 1 + n, rated) for c in ("EUR", "GBP")], seen)
    before = _rates_as_of_each_day(database, 11)
    ((stored,),) = _do(database, "SELECT count(*) FROM exchange_rates")
    gone = _prune(database)["exchange rates"]
    assert _rates_as_of_each_day(database, 11) == before
    ((left, days),) = _do(
        database,
        "SELECT count(*), count(DISTINCT (currency, date_trunc('day', observed_at, 'UTC'))) FROM exchange_rates",
    )
    assert left == days == stored - gone


def test_what_is_thinned_once_is_not_looked_at_again(database: Database) -> None:
    _quote(database, MONDAY)
    _prune(database)
    ((thinned_to,),) = _do(database, "SELECT thinned_to FROM chores WHERE chore = 'thin quotes'")
    assert timedelta(days=400) <= datetime.now(UTC) - thinned_to < timedelta(days=408)
    assert (thinned_to.astimezone(UTC).weekday(), thinned_to.astimezone(UTC).hour) == (0, 0)


def test_it_is_done_once_a_day(database: Database) -> None:
    def daily() -> dict[str, int]:
        with database.transaction() as connection:
            return prune_daily(connection, KEPT)

    _run(database, "old", "succeeded", 91)
    assert daily() == {"runs": 1}
    _run(database, "old too", "succeeded", 91)
    assert daily() == {}
    _do(database, "UPDATE chores SET done_at = done_at - interval '1 day 1 second'")
    assert daily() == {"runs": 1}


def test_a_day_whose_pruning_failed_is_not_over(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction() as connection:
        prune_daily(connection, KEPT)
        raise KeyError("the process dies")
    _run(database, "old", "succeeded", 91)
    with database.transaction() as connection:
        assert prune_daily(connection, KEPT) == {"runs": 1}


def test_the_old_ones_are_found_by_an_index(database: Database) -> None:
    """A table that has grown is not read whole every day."""
    _do(database, "INSERT INTO quotes SELECT 'S' || n, timestamptz '2026-01-01' + n * interval '1 minute', '{}' "
                  "FROM generate_series(1, 60000) AS n")  # fmt: skip
    _do(database, "ANALYZE quotes")
    plan = _do(database, "EXPLAIN SELECT FROM quotes WHERE observed_at < '2026-01-02'")
    assert "quotes_observed" in str(plan)
