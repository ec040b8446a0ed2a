"""A gap is only what the market was open for: a weekend is none, and neither is a night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from feed_trials import rows

from include.feeds import alpaca
from include.feeds.alpaca import Stream
from include.feeds.hours import hours_of
from include.stores.feed_book import FeedReport
from include.stores.postgres import Database
from include.workers.feed_absence import Absence
from include.workers.feed_gaps import Notebook

# New York, in November: pre-market from 9:00 UTC, open from 14:30 to 21:00, after hours until 1:00.
FRIDAY = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
FRIDAYS_END = datetime(2026, 11, 21, 1, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 20, tzinfo=UTC)
MONDAYS_START = datetime(2026, 11, 23, 9, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
WHY = "alpaca closed the connection"

Gaps = Callable[[], list[tuple[object, ...]]]


def absence_of(stream: Stream, notebook: Notebook) -> Absence:
    return Absence(notebook, lambda at: stream.trades(hours_of(stream.calendar, at)))


@pytest.fixture
def notebook(database: Database) -> Notebook:
    return Notebook(database, "alpaca-stocks")


@pytest.fixture
def gaps(database: Database, notebook: Notebook) -> Gaps:
    """What is written down now."""

    def read() -> list[tuple[object, ...]]:
        notebook.write(FeedReport(feed="alpaca-stocks", state="lost", started_at=FRIDAY))
        return rows(database, "SELECT started_at, ended_at, state FROM feed_gaps ORDER BY started_at")

    return read


@pytest.fixture
def stocks(notebook: Notebook) -> Absence:
    return absence_of(alpaca.STOCKS, notebook)


def test_a_connection_that_is_lost_on_saturday_leaves_no_gap(stocks: Absence, gaps: Gaps) -> None:
    stocks.began(FRIDAYS_END, SATURDAY, WHY)
    stocks.look(SUNDAY)
    stocks.ended(SUNDAY + timedelta(hours=1))
    assert gaps() == []


def test_a_gap_is_over_when_the_market_closes_and_a_new_one_begins_when_it_opens(stocks: Absence, gaps: Gaps) -> None:
    stocks.began(FRIDAY, FRIDAY, WHY)
    assert gaps() == [(FRIDAY, None, "open")]
    stocks.look(SATURDAY)
    assert gaps() == [(FRIDAY, FRIDAYS_END, "closed")]
    stocks.look(SUNDAY)
    assert len(gaps()) == 1
    stocks.look(MONDAY)
    assert gaps()[1:] == [(MONDAYS_START, None, "open")]
    stocks.ended(MONDAY)
    assert gaps()[1:] == [(MONDAYS_START, MONDAY, "closed")]


def test_what_was_not_heard_before_the_close_is_a_gap_though_the_loss_is_noticed_after_it(
    stocks: Absence, gaps: Gaps
) -> None:
    stocks.began(FRIDAY, SATURDAY, WHY)
    assert gaps() == [(FRIDAY, FRIDAYS_END, "closed")]


def test_a_feed_that_did_not_run_over_the_weekend_missed_what_was_traded_alone(stocks: Absence, gaps: Gaps) -> None:
    stocks.began(FRIDAY, MONDAY, "the feed was not running")
    stocks.ended(MONDAY)
    assert gaps() == [(FRIDAY, MONDAY, "closed")]


def test_trades_outside_regular_hours_can_be_missed_too(stocks: Absence, gaps: Gaps) -> None:
    after_hours = FRIDAY + timedelta(hours=2)
    stocks.began(after_hours, after_hours, WHY)
    stocks.ended(after_hours + timedelta(minutes=5))
    assert gaps() == [(after_hours, after_hours + timedelta(minutes=5), "closed")]


def test_an_early_close_ends_the_gap_earlier(stocks: Absence, gaps: Gaps) -> None:
    # The day after Thanksgiving: New York closes at 18:00 UTC, and four hours later nothing is traded any more.
    noon = datetime(2026, 11, 27, 17, tzinfo=UTC)
    stocks.began(noon, noon, WHY)
    stocks.look(datetime(2026, 11, 28, 12, tzinfo=UTC))
    assert gaps() == [(noon, datetime(2026, 11, 27, 22, tzinfo=UTC), "closed")]


def test_a_gap_that_a_killed_process_left_open_is_over_with_its_session(
    stocks: Absence, gaps: Gaps, notebook: Notebook
) -> None:
    notebook.lost(FRIDAY, WHY)
    stocks.ended(SUNDAY)
    assert gaps() == [(FRIDAY, FRIDAYS_END, "closed")]


def test_after_a_weekend_that_was_connected_nothing_before_it_is_missing(stocks: Absence, gaps: Gaps) -> None:
    heard_at = stocks.ended(SATURDAY)
    stocks.began(heard_at, SUNDAY, WHY)
    stocks.ended(SUNDAY)
    assert gaps() == []


def test_crypto_has_no_weekend(notebook: Notebook, gaps: Gaps) -> None:
    crypto = absence_of(alpaca.CRYPTO, notebook)
    crypto.began(SATURDAY, SATURDAY, WHY)
    assert gaps() == [(SATURDAY, None, "open")]
    crypto.ended(SUNDAY)
    assert gaps() == [(SATURDAY, SUNDAY, "closed")]
