"""Where an answer to a person's question comes from: the source now, or what was known then."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Protocol

import msgspec

from include.contracts.quotes import Quote
from include.errors import Transient
from include.scrapers import business, quotes
from include.scrapers.regions import REGIONS
from include.scrapers.yahoo import Yahoo
from include.scrapers.yahoo_failures import NotFound
from include.settings import Home
from include.stores.postgres import Database
from include.stores.postgres_refusal import our_schema
from include.workers.appraisal import Appraisal, Appraiser
from include.workers.retry import Retry
from include.workers.standing import appraised_as_of

log = logging.getLogger(__name__)

_WHILE_A_PERSON_WAITS = Retry(attempts=4, base_s=0.5, budget_s=30)


class Answers(Protocol):
    """What is known of a stock."""

    def of(self, symbol: str) -> Appraisal:
        """The ratios of ``symbol`` and what they stand on."""
        ...


class Now:
    """Computes from the source as it is now; no database is needed. What may pass is asked again for some seconds."""

    def __init__(self, yahoo: Yahoo, retry: Retry = _WHILE_A_PERSON_WAITS) -> None:
        self._yahoo = yahoo
        self._retry = retry
        self._appraiser = Appraiser(yahoo, database=None)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Now:
        """From the source that this environment names."""
        return cls(Yahoo.from_env(env, Home.from_env(env).home / "yahoo"))

    def of(self, symbol: str) -> Appraisal:
        """The ratios of ``symbol`` by three requests. Raises NotFound, Transient, Unfit.

        A stock that is quoted no more may still have statements: it has the ratios that need no price.
        """
        return self._retry.run(lambda _: self._once(symbol), time.sleep, _told)

    def _once(self, symbol: str) -> Appraisal:
        found = quotes.fetch(self._yahoo, [symbol], region="")
        quote = found[0] if found else Quote(symbol, "", datetime.now(UTC))
        located = msgspec.structs.replace(quote, region=_region(quote))
        appraisal = self._appraiser.appraise(business.described(self._yahoo, located))
        if found:
            return appraisal
        if not appraisal.stock.fundamentals.statements:
            raise NotFound(f"Yahoo knows no symbol {symbol}; symbols are spelled as Yahoo does (TSCO.L, 7203.T)")
        unquoted = f"{symbol}: the source has no quote of it, so there is no ratio with a price"
        return msgspec.structs.replace(appraisal, warnings=(unquoted, *appraisal.warnings))


def _told(attempt: int, failure: Transient) -> None:
    log.info("attempt %d: %s", attempt, failure)


class Then:
    """Computes from what had been observed by the end of a past day."""

    def __init__(self, database: Database, day: date) -> None:
        self._database = database
        self._day = day

    def of(self, symbol: str) -> Appraisal:
        """The ratios of ``symbol`` as they were known. Raises ConfigurationError, Transient."""
        with our_schema():
            return appraised_as_of(self._database, symbol, self._day)


def _region(quote: Quote) -> str:
    return next((row.code for row in REGIONS.values() if quote.exchange in row.exchanges), "")
