"""A bar says what it may lack, as long as it may lack it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bar_trials import BEFORE, FEED, MINUTE, OVER, WORKED, bar, figures, heard, keep, lacks, trade

from include.stores import feed_book
from include.stores.feed_book import FeedReport, Gap
from include.stores.postgres import Database
from include.workers.bars import make_bars
from include.workers.feed_gaps import Notebook


def test_a_bar_is_partial_until_its_minute_is_over_and_then_by_itself_complete(database: Database) -> None:
    heard(database)
    keep(database, *WORKED)
    make_bars(database, at=MINUTE + timedelta(seconds=65))  # over, but exchanges may still report
    assert lacks(database) == ["open"]
    make_bars(database, at=MINUTE + timedelta(seconds=69))
    assert lacks(database) == ["open"]
    make_bars(database, at=MINUTE + timedelta(seconds=70))
    assert lacks(database) == []


def test_a_bar_of_a_feed_that_publishes_changes_alone_is_partial_for_ever(database: Database) -> None:
    heard(database, "changes")
    keep(database, *WORKED)
    make_bars(database, at=OVER)
    assert lacks(database) == ["changes"]


def test_a_bar_is_judged_by_what_was_published_in_its_minute(database: Database) -> None:
    heard(database, "changes")
    heard(database, "all", MINUTE + timedelta(minutes=1))
    keep(database, *WORKED, trade(70, 5.0))
    make_bars(database, at=OVER)
    assert lacks(database) == ["changes"]
    later = bar(database, at=MINUTE + timedelta(minutes=1))
    assert later is not None
    assert later["partial_because"] == []


def test_a_stream_s_notebook_says_from_when_on_it_publishes_what(database: Database) -> None:
    notebook = Notebook(database, FEED)
    for days, which in enumerate(("changes", "changes", "all")):
        notebook.publishes(BEFORE + timedelta(days=days), which)
    notebook.write(FeedReport(feed=FEED, state="connected", started_at=BEFORE))
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT since, publishes FROM feed_publishing ORDER BY since")
        assert cursor.fetchall() == [(BEFORE, "changes"), (BEFORE + timedelta(days=2), "all")]


def test_a_bar_of_the_minute_in_which_a_feed_was_first_heard_is_partial(database: Database) -> None:
    heard(database, since=MINUTE + timedelta(seconds=1))
    keep(database, *WORKED)
    make_bars(database, at=OVER)
    assert lacks(database) == ["unheard"]


def test_a_feed_that_has_not_listened_to_the_end_of_a_minute_leaves_it_open(database: Database) -> None:
    heard(database)
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE feed_states SET updated_at = %s", [MINUTE + timedelta(seconds=30)])
    keep(database, *WORKED)
    make_bars(database, at=OVER)
    assert lacks(database) == ["open"]
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE feed_states SET updated_at = %s", [MINUTE + timedelta(seconds=90)])
    make_bars(database, at=OVER)
    assert lacks(database) == []


def test_a_bar_whose_ticks_have_gone_is_judged_all_the_same(database: Database) -> None:
    heard(database)
    keep(database, *WORKED)
    make_bars(database, at=MINUTE + timedelta(seconds=65))
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_ticks")
    make_bars(database, at=OVER)
    assert lacks(database) == []


def gap(from_s: float, to_s: float) -> Gap:
    moments = [MINUTE + timedelta(seconds=s) for s in (from_s, to_s)]
    return Gap(feed=FEED, started_at=moments[0], ended_at=moments[1], reason="lost", state="closed")


def open_and_close(database: Database, found: Gap) -> None:
    with database.transaction() as connection:
        feed_book.open_gap(connection, FEED, found.started_at, found.reason)
    with database.transaction() as connection:
        assert found.ended_at is not None
        feed_book.close_gaps(connection, FEED, found.ended_at)


def test_a_gap_makes_a_bar_partial_until_it_is_filled(database: Database) -> None:
    heard(database)
    keep(database, *WORKED[:2])
    make_bars(database, at=OVER)
    assert lacks(database) == []
    missing = gap(30, 50)  # noticed only now
    open_and_close(database, missing)
    make_bars(database, at=OVER)
    assert lacks(database) == ["gap"]
    keep(database, *WORKED[2:])
    with database.transaction() as connection:
        feed_book.end_gap(connection, missing, 2, None)
    make_bars(database, at=OVER)
    assert lacks(database) == []
    assert figures(database) == (100.0, 101.0, 99.5, 100.5, 100.0, 100.25, 4)


def test_a_gap_that_cannot_be_filled_makes_a_bar_partial_for_ever(database: Database) -> None:
    heard(database)
    keep(database, *WORKED)
    missing = gap(30, 50)
    open_and_close(database, missing)
    with database.transaction() as connection:
        feed_book.end_gap(connection, missing, None, "the plan has no history")
    make_bars(database, at=OVER)
    assert lacks(database) == ["gap"]


@pytest.mark.parametrize(
    ("from_s", "to_s", "expected"), [(-30, 0, []), (60, 90, []), (-1, 1, ["gap"]), (59, 61, ["gap"])]
)
def test_only_a_gap_within_the_minute_counts(
    database: Database, from_s: float, to_s: float, expected: list[str]
) -> None:
    heard(database)
    keep(database, *WORKED)
    open_and_close(database, gap(from_s, to_s))
    make_bars(database, at=OVER)
    assert lacks(database) == expected


def test_a_minute_that_came_by_history_alone_lacks_nothing_of_a_feed_of_changes(
    database: Database,
) -> None:
    heard(database, "changes")
    keep(database, *WORKED)
    missing = gap(-5, 65)
    open_and_close(database, missing)
    with database.transaction() as connection:
        feed_book.end_gap(connection, missing, 4, None)
    make_bars(database, at=OVER)
    assert lacks(database) == []


def test_the_part_of_a_gap_that_was_not_asked_for_stays_a_gap(database: Database) -> None:
    heard(database)
    keep(database, *WORKED, trade(130, 5.0))
    missing = gap(-5, 200)
    open_and_close(database, missing)
    with database.transaction() as connection:
        feed_book.end_gap(connection, missing, 4, "cut", MINUTE + timedelta(seconds=90))
    make_bars(database, at=OVER)
    assert lacks(database) == ["gap"]
    later = bar(database, at=MINUTE + timedelta(minutes=2))
    assert later is not None
    assert later["partial_because"] == []
