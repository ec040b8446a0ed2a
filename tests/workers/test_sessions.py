"""Expected days: the exchanges' published holidays (Thanksgiving 2026 in New York, 23 November in Tokyo)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from include.contracts.quotes import Quote
from include.workers.sessions import Staleness, staleness


def _found(region: str, exchange: str, moment: datetime, price_at: datetime | None) -> Staleness | None:
    return staleness(Quote(symbol="X", region=region, exchange=exchange, observed_at=moment, price_at=price_at), moment)


def _utc(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_the_close_of_the_last_session_is_fresh_until_the_next_one_opens() -> None:
    friday_close = _utc(11, 20, 21)
    assert _found("us", "NMS", _utc(11, 20, 22), friday_close) is None
    assert _found("us", "NMS", _utc(11, 22, 12), friday_close) is None  # Sunday
    assert _found("us", "NMS", _utc(11, 23, 12), friday_close) is None  # Monday before the opening


def test_a_price_that_missed_a_session_is_stale_since_its_own_day() -> None:
    found = _found("us", "NMS", _utc(11, 23, 22), _utc(11, 20, 21))
    assert found is not None
    assert (found.since, found.expected, found.was_closed) == (date(2026, 11, 20), date(2026, 11, 23), False)


def test_on_a_holiday_the_price_is_stale_and_the_exchange_was_closed() -> None:
    thanksgiving = _found("us", "NYQ", _utc(11, 26, 22), _utc(11, 25, 21))
    assert thanksgiving is not None
    assert (thanksgiving.expected, thanksgiving.was_closed) == (date(2026, 11, 26), True)
    labour_thanksgiving = _found("jp", "JPX", _utc(11, 23, 8), _utc(11, 20, 6))
    assert labour_thanksgiving is not None
    assert labour_thanksgiving.was_closed is True


def test_days_are_the_exchanges_own() -> None:
    # 21:00 UTC on Thursday is Friday in Tokyo, before the opening: Thursday's close is the last there is.
    assert _found("jp", "JPX", _utc(11, 19, 21), _utc(11, 19, 6)) is None


def test_an_exchange_without_a_calendar_goes_by_weekdays() -> None:
    found = _found("ae", "DFM", _utc(11, 24, 20), _utc(11, 20, 10))
    assert found is not None
    assert found.was_closed is None


@pytest.mark.parametrize(("region", "calendar"), [("il", "XTAE"), ("gr", "ASEX"), ("ro", "XBSE")])
def test_an_exchange_whose_calendar_cannot_be_built_goes_by_weekdays_and_says_so_once(
    region: str, calendar: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    # Tuesday, 4 November 2025: a price of the Friday before, and one of the Tuesday itself.
    tuesday, friday = datetime(2025, 11, 4, 20, tzinfo=UTC), datetime(2025, 10, 31, 10, tzinfo=UTC)
    for _ in range(2):
        assert _found(region, "", tuesday, friday) == Staleness(date(2025, 10, 31), date(2025, 11, 4), None)
    assert _found(region, "", tuesday, datetime(2025, 11, 4, 10, tzinfo=UTC)) is None
    said = [line for line in caplog.messages if calendar in line]
    assert len(said) == 1
    assert "holidays are unknown" in said[0]


def test_a_price_without_a_time_is_not_judged() -> None:
    assert _found("us", "NMS", _utc(11, 26, 22), None) is None


@pytest.mark.parametrize("region", ["us", "gb", "jp", "br", "de", "il", "gr", "se", "sa", "za", "in"])
def test_every_region_knows_an_expected_day(region: str) -> None:
    assert _found(region, "", _utc(11, 20, 22), _utc(1, 5, 12)) is not None


def test_a_price_of_the_last_weekday_is_fresh_on_a_weekend_and_late_in_the_day() -> None:
    for moment, price_at in ((_utc(11, 22, 12), _utc(11, 20, 21)), (_utc(11, 20, 23), _utc(11, 20, 21))):
        quote = Quote(
            symbol="X",
            region="us",
            exchange="NMS",
            exchange_timezone="America/New_York",
            observed_at=moment,
            price_at=price_at,
        )
        assert staleness(quote, moment) is None
    holiday = Quote(
        symbol="X",
        region="us",
        exchange="NMS",
        exchange_timezone="America/New_York",
        observed_at=_utc(11, 26, 22),
        price_at=_utc(11, 25, 21),
    )
    assert staleness(holiday, holiday.observed_at) is not None
