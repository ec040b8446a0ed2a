"""The table of regions, held against the libraries that know them independently."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from exchange_calendars import calendar_utils
from yfinance.const import EQUITY_SCREENER_EQ_MAP

from include.errors import ConfigurationError
from include.scrapers.regions import REGIONS, Region, mic, region

BY_YAHOO: dict[str, set[str]] = EQUITY_SCREENER_EQ_MAP["exchange"]
each_region = pytest.mark.parametrize("row", REGIONS.values(), ids=lambda row: row.code)


def test_every_region_that_yfinance_knows_has_a_row() -> None:
    assert set(REGIONS) == set(BY_YAHOO)
    assert len(REGIONS) == 59


@each_region
def test_exchanges_are_known_to_yfinance_in_that_region(row: Region) -> None:
    assert set(row.exchanges) <= set(BY_YAHOO[row.code])


@each_region
def test_a_calendar_is_one_of_exchange_calendars_and_keeps_the_regions_time(row: Region) -> None:
    if row.calendar is None:
        pytest.skip(f"exchange-calendars has no sessions for {row.name}")
    sessions = calendar_utils._default_calendar_factories[row.calendar]
    zone = ZoneInfo(str(sessions.tz))
    # In January: Bogota's exchange follows New York's summer time, Bogota does not.
    january = datetime(2026, 1, 7, 12, tzinfo=UTC)
    assert january.astimezone(zone).utcoffset() == january.astimezone(ZoneInfo(row.timezone)).utcoffset()


def test_two_exchanges_of_different_regions_never_share_a_code() -> None:
    assert len({code for row in REGIONS.values() for code in row.exchanges}) == sum(
        len(row.exchanges) for row in REGIONS.values()
    )


def test_exchanges_have_their_market_identifier() -> None:
    assert (mic("NMS"), mic("LSE"), mic("JPX"), mic("SAO")) == ("XNAS", "XLON", "XTKS", "BVMF")
    assert mic(None) is mic("???") is None


def test_a_region_is_found_in_any_case_and_an_unknown_one_is_named() -> None:
    assert region("US").name == "United States"
    with pytest.raises(ConfigurationError, match="'xx' is no region"):
        region("xx")
