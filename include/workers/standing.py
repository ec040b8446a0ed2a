"""What was known of a stock on a past day, from the observations in PostgreSQL; nothing seen later."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from include.errors import ConfigurationError
from include.ratios.currency import pairs_needed
from include.scrapers import rates as cross
from include.stores import fundamentals, quotes, rates
from include.stores.postgres import Database
from include.workers.appraisal import Appraisal, computed, in_currency_of

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def appraised_as_of(database: Database, symbol: str, day: date) -> Appraisal:
    """The ratios of ``symbol`` as they followed from what had been observed by the end of ``day`` (UTC).

    Raises ConfigurationError for a day before the first observation, Transient if the database is lost.
    """
    dawn = datetime.combine(day, time(), UTC)
    moment = dawn + timedelta(days=1) - timedelta(microseconds=1)
    with database.transaction() as connection:
        known = fundamentals.as_of(connection, symbol, moment)
        if known is None:
            raise ConfigurationError(_refusal(symbol, day, fundamentals.first_seen(connection, symbol)))
        quote = quotes.as_of(connection, symbol, moment)
        if quote is not None:
            known = in_currency_of(known, quote)
        currencies = {code for pair in pairs_needed(known, quote) for code in pair}
        legs = {r.currency: r for r in rates.observed(connection, currencies, cross.HUB, _EVER, moment)}
    # Judged by what a run that day would have found, or at dawn if there was none.
    judged_at = dawn if quote is None else max(dawn, quote.observed_at)
    return computed(known, quote, cross.between(currencies, legs), judged_at)


def _refusal(symbol: str, day: date, first: datetime | None) -> str:
    if first is None:
        return f"{symbol} was never observed, so nothing is known of it as of {day}; scrape its region first"
    return f"{symbol} was first observed on {first.date()}; what was known on {day} cannot be said, ask for a later day"
