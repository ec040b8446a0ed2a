"""One stock from its source to its ratios: statements, quote, exchange rates, staleness."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from include.contracts.fundamentals import Fundamentals, RatioRow
from include.contracts.quotes import Quote
from include.contracts.ratio_batch import RatioBatch
from include.ratios.compute import compute_batch
from include.ratios.currency import Rates, pairs_needed
from include.ratios.profiles import is_unclassified
from include.ratios.rows import TYPES
from include.ratios.status import Status
from include.ratios.stock import StockInput
from include.scrapers import business, quotes
from include.scrapers.statements import StatementSource
from include.stores.postgres import Database
from include.workers.rates import PATIENCE, SharedRates
from include.workers.sessions import Staleness, staleness
from include.workers.together import Together

if TYPE_CHECKING:
    from include.scrapers.yahoo import Yahoo

QUOTE_KEPT = timedelta(hours=6)


class Appraisal(msgspec.Struct, frozen=True):
    """The ratios of one stock, what they were computed from, and what a person should know of it."""

    stock: StockInput
    ratios: RatioBatch
    warnings: tuple[str, ...]

    @property
    def rows(self) -> list[RatioRow]:
        """The ratios one row at a time, for people."""
        return self.ratios.rows()


class Appraiser:
    """Fetches and computes; one serves all threads of a process.

    ``database`` only shares exchange rates; without one a person asks, whose question is not asked again later.
    """

    def __init__(self, yahoo: Yahoo, database: Database | None) -> None:
        self._yahoo = yahoo
        self._statements = StatementSource(yahoo, TYPES)
        self._rates = SharedRates(yahoo, database, patience=PATIENCE if database else timedelta(0))
        self._together = Together(compute_batch)

    def appraise(self, quote: Quote) -> Appraisal:
        """The ratios of ``quote``'s stock by its statements as they are now. Raises as ``Yahoo.ask``.

        A quote that waited for more than six hours is asked for again: newer ratios must not stand on
        an older price. A stock of no known sector that reports as a bank does is asked for its business.
        """
        fundamentals = self._statements.fetch(quote.symbol)
        if fundamentals.observed_at - quote.observed_at > QUOTE_KEPT:
            quote = self._again(quote)
        if quote.sector is None and is_unclassified(fundamentals.statements):
            quote = business.described(self._yahoo, quote)
        fundamentals = in_currency_of(fundamentals, quote)
        currencies = {code for pair in pairs_needed(fundamentals, quote) for code in pair}
        rates = self._rates.between(currencies)
        return computed(fundamentals, quote, rates, fundamentals.observed_at, self._together.ratios)

    def _again(self, old: Quote) -> Quote:
        found = quotes.fetch(self._yahoo, [old.symbol], old.region)
        known = {"sector": old.sector, "industry": old.industry}
        return msgspec.structs.replace(found[0], **known) if found else old


def _by_itself(stock: StockInput) -> RatioBatch:
    return compute_batch([stock])


def computed(
    fundamentals: Fundamentals,
    quote: Quote | None,
    rates: Rates,
    moment: datetime,
    ratios_of: Callable[[StockInput], RatioBatch] = _by_itself,
) -> Appraisal:
    """The ratios that follow from what is given; ``moment`` decides whether the price is stale."""
    stale = staleness(quote, moment) if quote is not None else None
    stock = StockInput(fundamentals, quote, rates, stale.since if stale else None)
    return Appraisal(stock, _explained(ratios_of(stock), stale), tuple(_warnings(fundamentals, stale)))


def in_currency_of(fundamentals: Fundamentals, quote: Quote) -> Fundamentals:
    """Statements that came without a currency are in the one that the quote says the company reports in."""
    if all(statement.currency for statement in fundamentals.statements):
        return fundamentals
    currency = quote.financial_currency
    statements = tuple(
        s if s.currency else msgspec.structs.replace(s, currency=currency) for s in fundamentals.statements
    )
    return msgspec.structs.replace(fundamentals, statements=statements)


def _explained(ratios: RatioBatch, stale: Staleness | None) -> RatioBatch:
    """Rows with a STALE value say which session was expected, and whether the exchange was closed then."""
    if stale is None:
        return ratios
    missed = {"session_expected_on": stale.expected.isoformat(), "exchange_was_closed": stale.was_closed}
    concerned = zip(ratios.notes, ratios.rows_with(Status.STALE.name), strict=True)
    notes = [note | missed if is_stale else note for note, is_stale in concerned]
    return msgspec.structs.replace(ratios, notes=notes)


def _warnings(fundamentals: Fundamentals, stale: Staleness | None) -> list[str]:
    found = []
    if not fundamentals.statements:
        found.append(f"{fundamentals.symbol}: the source has no statements, so there are no ratios")
    if stale is not None:
        closed = ", when the exchange was closed" if stale.was_closed else ""
        found.append(f"{fundamentals.symbol}: its price is of {stale.since}, none of {stale.expected}{closed}")
    return found
