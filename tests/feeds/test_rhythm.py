"""When markets trade, whom to ask, and how a month's budget is spread."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from include.feeds.hours import AlwaysOpen, Hours, hours_of, is_open, traded_since
from include.feeds.rhythm import Budget, Watched, all_due, spread_interval, within_sessions
from include.transport.limits import Limit, Usage, left, spend

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


def test_every_month_of_b3_gets_its_share_of_a_budget_that_slides() -> None:
    """A quarter of rounds of 50 tickers, one per request: no session starves and no 31 days see more than 15,000."""
    limit, usage = Limit(15_000, 31 * 86_400.0), Usage(0)
    watched: dict[str, Watched] = {name: Watched(name) for name in (f"T{n:02}" for n in range(50))}
    daily: dict[date, int] = {}
    now = at("2026-06-01T13:00")
    while now < at("2026-08-29T00:00"):
        hours = hours_of("BVMF", now)
        budget = Budget(limit.allowed, left(limit, usage, now.timestamp()), timedelta(seconds=limit.counted_s))
        due = within_sessions(list(watched.values()), hours, now, HALF_HOUR, budget, 1).due
        usage = spend(limit, usage, now.timestamp(), len(due))
        watched |= {name: Watched(name, now) for name in due}
        daily[now.date()] = daily.get(now.date(), 0) + len(due)
        now += HALF_HOUR
    sessions = [
        number
        for day, number in daily.items()
        if hours_of("BVMF", at(f"{day}T15:00")).open_time(at(f"{day}T00:00"), at(f"{day}T23:59"))
    ]
    # 15,000 in the 34.1 days that a request counts, some 24 sessions, are 625 each; a fifth is kept back.
    assert min(sessions) > 500
    days = sorted(daily)
    assert max(sum(daily[day] for day in days[first : first + 31]) for first in range(len(days))) <= 15_000


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
    found = within_sessions(watched, b3, at("2026-11-21T09:00"), HALF_HOUR, None, 1)
    assert (found.due, found.fresh) == (("BEFORE",), ("JUST",))


def test_outside_sessions_only_what_missed_the_close_is_asked(b3: Hours) -> None:
    saturday = at("2026-11-21T09:00")
    watched = [
        Watched("NEVER"),
        Watched("DURING", at("2026-11-19T20:45")),
        Watched("AFTER", at("2026-11-19T21:45")),
    ]
    found = within_sessions(watched, b3, saturday, HALF_HOUR, None, 1)
    assert (found.due, found.fresh, found.over_budget) == (("NEVER", "DURING"), ("AFTER",), ())


def test_during_a_session_everything_is_asked_while_the_budget_bears_it(b3: Hours) -> None:
    watched = [Watched(f"T{n:02}", at("2026-11-18T14:00")) for n in range(50)]
    found = within_sessions(watched, b3, at("2026-11-18T15:00"), HALF_HOUR, None, 1)
    assert len(found.due) == 50


def test_a_tight_budget_is_spread_over_the_sessions_of_its_window(b3: Hours) -> None:
    watched = [Watched(f"T{n:02}", at("2026-11-17T20:00")) for n in range(50)]
    moment = at("2026-11-18T13:00")
    # Four sessions of eight hours are within a week, because of the holiday: 64 rounds and this one; a fifth is kept.
    a_week = Budget(813, 813, timedelta(days=7))
    found = within_sessions(watched, b3, moment, HALF_HOUR, a_week, 1)
    assert (len(found.due), len(found.over_budget)) == (10, 40)
    assert len(within_sessions(watched, b3, moment, HALF_HOUR, a_week, 10).due) == 50
    nearly_spent = Budget(813, 3, timedelta(days=7))
    assert len(within_sessions(watched, b3, moment, HALF_HOUR, nearly_spent, 1).due) == 3


def test_the_first_round_is_for_all_that_the_budget_has_left(b3: Hours) -> None:
    watched = [Watched(f"T{n:02}") for n in range(50)]
    moment = at("2026-11-18T13:00")
    found = within_sessions(watched, b3, moment, HALF_HOUR, Budget(650, 650, timedelta(days=7)), 1)
    assert (len(found.due), found.over_budget) == (50, ())
    assert len(within_sessions(watched, b3, moment, HALF_HOUR, Budget(650, 30, timedelta(days=7)), 1).due) == 30


def test_a_budget_of_less_than_one_request_a_round_is_not_never(b3: Hours) -> None:
    budget = Budget(17, 17, timedelta(days=7))  # 65 rounds: about one in five
    shares = [budget.share(b3, at("2026-11-18T13:00") + n * HALF_HOUR, HALF_HOUR) for n in range(16)]
    assert set(shares) == {0, 1}
    assert 2 <= sum(shares) <= 5


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
