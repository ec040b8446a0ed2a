"""When markets trade, whom to ask, and how a month's budget is spread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.feeds.hours import AlwaysOpen, Hours, allowance, hours_of, is_open, month_end, traded_since
from include.feeds.rhythm import Watched, all_due, spread_interval, within_sessions

HALF_HOUR = timedelta(minutes=30)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# B3 trades from 10:00 to 18:00 in São Paulo (UTC-3); 20 November 2026, a Friday, is Consciência Negra.
@pytest.fixture(scope="module")
def b3() -> Hours:
    return hours_of("BVMF", at("2026-11-10T00:00"))


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-18T12:59", "2026-11-18T13:00"),
        ("2026-11-18T15:00", "2026-11-18T15:00"),
        ("2026-11-18T21:01", "2026-11-19T13:00"),
        ("2026-11-19T22:00", "2026-11-23T13:00"),
    ],
)
def test_b3_opens_after_nights_holidays_and_weekends(b3: Hours, moment: str, opens: str) -> None:
    assert b3.next_open(at(moment)) == at(opens)


def test_b3_was_last_open_before_its_holiday(b3: Hours) -> None:
    assert b3.last_open(at("2026-11-21T09:00")) == at("2026-11-19T21:00")
    assert not is_open(b3, at("2026-11-20T15:00"))
    assert is_open(b3, at("2026-11-19T15:00"))


def test_silence_counts_only_while_the_market_trades(b3: Hours) -> None:
    assert b3.open_time(at("2026-11-19T20:30"), at("2026-11-23T13:10")) == timedelta(minutes=40)
    assert AlwaysOpen().open_time(at("2026-11-19T20:30"), at("2026-11-19T20:40")) == timedelta(minutes=10)


def test_new_york_closes_early_after_thanksgiving() -> None:
    new_york = hours_of("XNYS", at("2026-11-27T12:00"))
    assert new_york.last_open(at("2026-11-27T19:00")) == at("2026-11-27T18:00")


def test_the_month_ends_in_utc() -> None:
    assert month_end(at("2026-12-31T23:59")) == at("2027-01-01T00:00")
    assert month_end(at("2026-02-01T00:00")) == at("2026-03-01T00:00")


@given(left=st.integers(0, 20_000), rounds=st.floats(0, 400), wanted=st.integers(0, 60))
def test_a_month_of_rounds_never_overdraws_its_budget(left: int, rounds: float, wanted: int) -> None:
    remaining = left
    for number in range(int(max(1, rounds)), 0, -1):
        spent = allowance(remaining, number, wanted)
        assert 0 <= spent <= wanted
        remaining -= spent
    assert remaining >= 0


def test_the_stalest_symbols_go_first_and_the_never_answered_before_them() -> None:
    watched = [
        Watched("FRESH", at("2026-11-19T15:00")),
        Watched("NEVER"),
        Watched("OLD", at("2026-11-18T15:00")),
        Watched("ALSO"),
    ]
    assert all_due(watched).due == ("NEVER", "ALSO", "OLD", "FRESH")


def test_a_symbol_that_fails_waits_its_turn_like_the_others() -> None:
    watched = [Watched("BAD", None, at("2026-11-19T16:00")), Watched("GOOD", at("2026-11-19T15:00")), Watched("NEW")]
    assert all_due(watched).due == ("NEW", "GOOD", "BAD")


def test_outside_sessions_a_failure_is_not_looked_at_again_for_hours(b3: Hours) -> None:
    watched = [
        Watched("JUST", at("2026-11-18T15:00"), at("2026-11-21T08:00")),
        Watched("BEFORE", None, at("2026-11-21T04:00")),
    ]
    found = within_sessions(watched, b3, at("2026-11-21T09:00"), HALF_HOUR, 15_000, 1)
    assert (found.due, found.fresh) == (("BEFORE",), ("JUST",))


def test_outside_sessions_only_what_missed_the_close_is_asked(b3: Hours) -> None:
    saturday = at("2026-11-21T09:00")
    watched = [
        Watched("NEVER"),
        Watched("DURING", at("2026-11-19T20:45")),
        Watched("AFTER", at("2026-11-19T21:45")),
    ]
    found = within_sessions(watched, b3, saturday, HALF_HOUR, 15_000, 1)
    assert (found.due, found.fresh, found.over_budget) == (("NEVER", "DURING"), ("AFTER",), ())


def test_during_a_session_everything_is_asked_while_the_budget_bears_it(b3: Hours) -> None:
    watched = [Watched(f"T{n:02}", at("2026-11-18T14:00")) for n in range(50)]
    found = within_sessions(watched, b3, at("2026-11-18T15:00"), HALF_HOUR, 15_000, 1)
    assert len(found.due) == 50


def test_a_tight_budget_is_spread_over_the_sessions_that_are_left(b3: Hours) -> None:
    watched = [Watched(f"T{n:02}", at("2026-11-17T20:00")) for n in range(50)]
    moment = at("2026-11-18T13:00")
    # Eight sessions of eight hours are left in November, the one that begins included: 128 rounds and this one.
    found = within_sessions(watched, b3, moment, HALF_HOUR, 1290, 1)
    assert (len(found.due), len(found.over_budget)) == (10, 40)
    assert len(within_sessions(watched, b3, moment, HALF_HOUR, 1290, 10).due) == 50


@pytest.mark.parametrize(
    ("symbols", "allowed", "window_s", "interval_s"),
    [(10, 25, 86_400, 34_560), (50, 25, 86_400, 86_400), (1, 5, 60, 12)],
)
def test_a_daily_budget_sets_the_time_between_rounds(
    symbols: int, allowed: int, window_s: float, interval_s: float
) -> None:
    assert spread_interval(symbols, allowed, window_s) == interval_s


def test_a_weekend_takes_nothing_of_what_is_asked_for_again() -> None:
    # Thanksgiving is 26 November 2026; the Friday after it New York closes at 13:00, 18:00 UTC.
    new_york = hours_of("XNYS", at("2026-11-30T15:00"))
    killed, again = at("2026-11-25T20:00"), at("2026-11-30T15:00")
    assert new_york.open_time(killed, again) == timedelta(hours=1 + 3.5 + 0.5)
    assert traded_since(new_york, again, timedelta(hours=24), killed) == killed
    since = traded_since(new_york, again, timedelta(hours=2), killed)
    assert abs(since - at("2026-11-27T16:30")) <= timedelta(milliseconds=1)
    assert abs(traded_since(AlwaysOpen(), again, timedelta(hours=24), killed) - at("2026-11-29T15:00")) <= timedelta(
        milliseconds=1
    )


@pytest.mark.parametrize(
    ("day", "opens"),
    [("2026-03-06", "14:30"), ("2026-03-09", "13:30"), ("2026-10-30", "13:30"), ("2026-11-02", "14:30")],
)
def test_new_york_opens_by_its_own_clock_when_summer_time_comes_and_goes(day: str, opens: str) -> None:
    assert hours_of("XNYS", at(f"{day}T00:00")).next_open(at(f"{day}T00:00")) == at(f"{day}T{opens}")
