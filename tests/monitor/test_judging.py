"""Whether a feed does as it should, by its own rhythm and by the hours of its market."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from include.feeds.hours import AlwaysOpen, Sessions
from include.monitor.judging import Evidence, judge
from include.stores.feed_book import FeedReport, FeedState

# The New York Stock Exchange on Friday 6 and Monday 9 March 2026, 9:30 to 16:00; the clocks change on Sunday.
FRIDAY = (datetime(2026, 3, 6, 14, 30, tzinfo=UTC), datetime(2026, 3, 6, 21, 0, tzinfo=UTC))
MONDAY = (datetime(2026, 3, 9, 13, 30, tzinfo=UTC), datetime(2026, 3, 9, 20, 0, tzinfo=UTC))
NEW_YORK = Sessions((FRIDAY, MONDAY))


def _evidence(
    state: FeedState, now: datetime, heard: datetime | None, *, polls: bool, detail: str | None = None
) -> Evidence:
    report = FeedReport(feed="x", state=state, started_at=FRIDAY[0] - timedelta(days=1), detail=detail)
    return Evidence(polls=polls, now=now, hours=NEW_YORK, patience_s=180, report=report, updated_at=now, heard_at=heard)


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize("polls", [True, False])
@pytest.mark.parametrize(
    ("now", "heard", "standing"),
    [
        (FRIDAY[0] + _minutes(60), FRIDAY[0] + _minutes(58), "fine"),
        (FRIDAY[0] + _minutes(60), FRIDAY[0] + _minutes(56), "stale"),
        # The market closed two minutes after the last message: it may stay away for the whole weekend.
        (FRIDAY[1] + timedelta(days=2), FRIDAY[1] - _minutes(2), "closed"),
        # It was silent before the close already, and nobody was there to see.
        (FRIDAY[1] + timedelta(days=2), FRIDAY[1] - _minutes(30), "stale"),
        # Two minutes of Friday and half a one of Monday are not yet three.
        (MONDAY[0] + _minutes(0.5), FRIDAY[1] - _minutes(2), "fine"),
        (MONDAY[0] + _minutes(1.5), FRIDAY[1] - _minutes(2), "stale"),
    ],
)
def test_only_the_hours_of_an_open_market_make_a_feed_stale(
    now: datetime, heard: datetime, standing: str, polls: bool
) -> None:
    assert judge(_evidence("running" if polls else "connected", now, heard, polls=polls))[0] == standing


def test_a_market_that_never_closes_is_never_an_excuse() -> None:
    evidence = _evidence("connected", MONDAY[0] - timedelta(days=1), FRIDAY[1] - _minutes(2), polls=False)
    assert judge(msgspec.structs.replace(evidence, hours=AlwaysOpen()))[0] == "stale"


def test_a_feed_that_is_asked_rests_between_its_rounds_and_a_stream_never_does() -> None:
    now = FRIDAY[0] + _minutes(60)
    assert judge(_evidence("stopped", now, now, polls=True)) == ("fine", None)
    assert judge(_evidence("stopped", now, now, polls=False))[0] == "stopped"


def test_a_stream_that_no_longer_writes_was_killed() -> None:
    now = FRIDAY[0] + _minutes(60)
    evidence = msgspec.structs.replace(_evidence("connected", now, now, polls=False), updated_at=now - _minutes(1))
    assert judge(evidence) == ("stopped", "its process has not written for 1 min")


def test_a_stream_that_has_just_begun_is_given_its_time() -> None:
    now = FRIDAY[0] + _minutes(60)
    evidence = _evidence("running", now, FRIDAY[0], polls=False)
    begun = msgspec.structs.replace(evidence.report, started_at=now - _minutes(1))
    assert judge(msgspec.structs.replace(evidence, report=begun))[0] == "fine"
    # One that is asked begins anew with every round, which is no answer.
    assert judge(msgspec.structs.replace(evidence, report=begun, polls=True))[0] == "stale"


@pytest.mark.parametrize(("state", "polls"), [("failed", True), ("failed", False), ("lost", False)])
def test_what_the_feed_says_of_its_failure_is_the_reason(state: FeedState, polls: bool) -> None:
    now = FRIDAY[0] + _minutes(60)
    evidence = _evidence(state, now, now, polls=polls, detail="the key is refused")
    assert judge(evidence) == (state, "the key is refused")


def test_silence_is_explained_by_what_the_feed_waits_for() -> None:
    now = FRIDAY[0] + _minutes(60)
    _, why = judge(_evidence("waiting", now, FRIDAY[0], polls=True, detail="nothing more may be asked for 9.4 h"))
    assert why == "nothing for 1 h of an open market; it may take 3 min (nothing more may be asked for 9.4 h)"


def test_without_a_report_it_never_ran_or_lacks_something() -> None:
    now = FRIDAY[0]
    bare = Evidence(polls=True, now=now, hours=NEW_YORK, patience_s=60)
    assert judge(bare)[0] == "never ran"
    lacking = msgspec.structs.replace(bare, lacks="BRAPI_TOKEN is not set")
    assert judge(lacking) == ("not configured", "BRAPI_TOKEN is not set")


def test_a_feed_that_runs_elsewhere_is_judged_by_what_it_writes() -> None:
    now = FRIDAY[0] + _minutes(60)
    here = msgspec.structs.replace(_evidence("connected", now, now, polls=False), lacks="APCA_API_KEY_ID is not set")
    assert judge(here) == ("fine", None)
    gone = msgspec.structs.replace(here, updated_at=now - _minutes(30))
    assert judge(gone) == ("not configured", "APCA_API_KEY_ID is not set")
