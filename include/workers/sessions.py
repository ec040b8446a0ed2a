"""Is a price as fresh as its exchange allows? A nightly run on a holiday finds yesterday's prices."""

from __future__ import annotations

import logging
import threading
import warnings
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from include.contracts.quotes import Quote
from include.scrapers.regions import REGIONS, mic

log = logging.getLogger(__name__)

# Quotes are up to 20 minutes late, and not every stock trades at once.
_GRACE = timedelta(minutes=45)
_WEEKDAYS = "1111100"
_USUAL_OPEN = time(10)
_DAYS_BACK = 45
_building = threading.Lock()  # warnings are filtered for the whole process


class Staleness(msgspec.Struct, frozen=True):
    """A price from ``since`` where one from ``expected`` was due, both local days of the exchange.

    ``was_closed`` tells whether the exchange was closed on ``expected``; None where no calendar is known.
    """

    since: date
    expected: date
    was_closed: bool | None


class _Market(msgspec.Struct, frozen=True):
    timezone: ZoneInfo
    weekmask: str
    opens: time
    sessions: frozenset[date] | None = None

    def expected_on(self, moment: datetime) -> date:
        """The last trading weekday whose session had opened by ``moment``; a holiday counts as one."""
        local = moment.astimezone(self.timezone)
        day = local.date()
        if local < datetime.combine(day, self.opens, self.timezone) + _GRACE:
            day -= timedelta(days=1)
        while self.weekmask[day.weekday()] == "0":
            day -= timedelta(days=1)
        return day

    def was_closed(self, day: date) -> bool | None:
        return None if self.sessions is None else day not in self.sessions


def staleness(quote: Quote, moment: datetime) -> Staleness | None:
    """Whether the price of ``quote`` is older than the last session that had opened by ``moment``.

    None if it is not, or if it has no time.
    """
    if quote.price_at is None or _surely_fresh(quote, quote.price_at, moment):
        return None
    market = _market(mic(quote.exchange), quote.region, quote.exchange_timezone, moment.astimezone(UTC).year)
    expected = market.expected_on(moment)
    since = quote.price_at.astimezone(market.timezone).date()
    return Staleness(since, expected, market.was_closed(expected)) if since < expected else None


def _surely_fresh(quote: Quote, price_at: datetime, moment: datetime) -> bool:
    """Whether the price is of the last weekday there was: then no calendar, which takes long to build, can object."""
    timezone = _zone(quote.exchange_timezone, "UTC")
    last = moment.astimezone(timezone).date()
    while _WEEKDAYS[last.weekday()] == "0":
        last -= timedelta(days=1)
    return quote.exchange_timezone is not None and price_at.astimezone(timezone).date() >= last


@lru_cache(maxsize=512)
def _market(identifier: str | None, region: str, timezone: str | None, year: int) -> _Market:
    row = REGIONS.get(region)
    for candidate in (identifier, row.calendar if row else None):
        known = _calendar(candidate, year) if candidate else None
        if known is not None:
            return known
    return _Market(_zone(timezone, row.timezone if row else "UTC"), _WEEKDAYS, _USUAL_OPEN)


@lru_cache(maxsize=128)
def _calendar(identifier: str, year: int) -> _Market | None:
    """The exchange by its calendar around ``year``, None where exchange-calendars has none that works."""
    import exchange_calendars  # brings pandas: a second that only a price needs

    start, end = date(year, 1, 1) - timedelta(days=_DAYS_BACK), date(year, 12, 31) + timedelta(days=1)
    with _building, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exchange-calendars' own use of pandas
        try:
            calendar = exchange_calendars.get_calendar(identifier, start=start.isoformat(), end=end.isoformat())
        except (exchange_calendars.errors.InvalidCalendarName, ValueError, NotImplementedError) as error:
            # Release 4.13 contradicts itself for some exchanges (XTAE, ASEX, XBSE): weekdays have to do.
            log.info("no calendar of %s: its holidays are unknown, Monday to Friday count (%.80s)", identifier, error)
            return None
        sessions = frozenset(session.date() for session in calendar.sessions)
        return _Market(ZoneInfo(str(calendar.tz)), calendar.weekmask, calendar.open_times[-1][1], sessions)


@lru_cache(maxsize=256)
def _zone(name: str | None, otherwise: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or otherwise)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(otherwise)
