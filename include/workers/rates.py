"""Exchange rates for all stocks of a worker, asked for once and shared through the database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from include.contracts.fundamentals import ExchangeRate
from include.errors import Transient
from include.scrapers import rates
from include.scrapers.yahoo_failures import NoneKnown, NotFound
from include.stores import rates as store
from include.stores.postgres import Database

if TYPE_CHECKING:
    from include.scrapers.yahoo import Yahoo

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(hours=6)
PATIENCE = timedelta(minutes=1)  # well within a task's wait budget
_ASKED_AGAIN_AFTER = timedelta(minutes=10)


class SharedRates:
    """Rates against one another of any currencies, at most ``kept_for`` old. Serves all threads.

    One request brings all usual currencies, and whatever process made it, the others find its rates
    in ``database``; None shares them with nobody. A source that has given no rate at all for longer than
    ``patience`` has none: what would need one is unresolved then, and it is asked again after ten minutes.
    """

    def __init__(
        self,
        yahoo: Yahoo,
        database: Database | None,
        kept_for: timedelta = KEPT_FOR,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._yahoo = yahoo
        self._database = database
        self._kept_for = kept_for
        self._patience = patience
        self._refused_since: datetime | None = None
        self._lock = threading.Lock()
        self._legs: dict[str, tuple[datetime, ExchangeRate | None]] = {
            rates.HUB: (datetime.max.replace(tzinfo=UTC), None)
        }

    def between(self, currencies: Collection[str]) -> dict[tuple[str, str], ExchangeRate]:
        """Every pair among ``currencies`` that can be resolved; what is unknown is absent.

        Raises as ``Yahoo.ask``, and Transient when the database is lost.
        """
        if len(set(currencies)) <= 1:  # nothing to convert
            return {}
        if self._missing(currencies):
            with self._lock:  # one thread asks, the others find what it brought
                self._bring(self._missing(currencies))
        legs = {c: leg for c in currencies if (leg := self._legs[c][1]) is not None}
        return rates.between(currencies, legs)

    def _missing(self, currencies: Collection[str]) -> set[str]:
        now = datetime.now(UTC)
        return {c for c in currencies if c not in self._legs or self._legs[c][0] < now}

    def _bring(self, missing: set[str]) -> None:
        if not missing:
            return
        now = datetime.now(UTC)
        found = self._shared(missing, now)
        if missing - {leg.currency for leg in found}:
            usual = self._missing(rates.BASKET)
            found = self._asked(missing | usual, now)
            missing |= usual
            self._share(found, now)
        # What nobody knows is remembered too, or every stock that reports in it would ask again.
        by_currency = {leg.currency: leg for leg in found}
        until = now + (self._kept_for if found else min(self._kept_for, _ASKED_AGAIN_AFTER))
        self._legs |= {c: (until, by_currency.get(c)) for c in missing}

    def _asked(self, currencies: set[str], now: datetime) -> list[ExchangeRate]:
        try:
            found = rates.fetch(self._yahoo, currencies)
        except (NoneKnown, NotFound) as refused:
            self._refused_since = self._refused_since or now
            if now - self._refused_since < self._patience:
                raise Transient(f"the source gave no exchange rate ({refused}); it is asked again") from refused
            log.warning("amounts of two currencies stay unresolved for now: %s", refused)
            return []
        self._refused_since = None
        return found

    def _shared(self, currencies: set[str], now: datetime) -> list[ExchangeRate]:
        if self._database is None:
            return []
        with self._database.transaction() as connection:
            return store.observed(connection, currencies, rates.HUB, now - self._kept_for, now)

    def _share(self, found: list[ExchangeRate], now: datetime) -> None:
        if self._database is not None:
            with self._database.transaction() as connection:
                store.store(connection, found, now)
