"""All that is known of one stock when its ratios are computed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from include.contracts.fundamentals import ExchangeRate, Fundamentals
from include.contracts.quotes import Quote
from include.ratios.profiles import Profile, is_unclassified, profile


class StockInput(msgspec.Struct, frozen=True):
    """The statements and the quote of one stock, and the exchange rates between their currencies.

    ``rates`` is keyed by (currency, quoted_in); ``currency.pairs_needed`` says which are wanted.
    ``stale_since`` is the day of the last session whose prices are already known to be old: price ratios
    are then STALE.
    """

    fundamentals: Fundamentals
    quote: Quote | None = None
    rates: Mapping[tuple[str, str], ExchangeRate] = {}
    stale_since: date | None = None

    @property
    def profile(self) -> Profile:
        """The kind of company, by the sector and industry of the quote, else by the look of its balance sheets."""
        told = profile(self.quote.sector, self.quote.industry) if self.quote else Profile.UNKNOWN
        if told is Profile.UNKNOWN and is_unclassified(self.fundamentals.statements):
            return Profile.UNCLASSIFIED
        return told
