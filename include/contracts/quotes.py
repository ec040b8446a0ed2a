"""What a listing says of one stock at one moment."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Quote(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stock as its source listed it; ``None`` is "the source did not say", never zero.

    ``price`` is per share in ``currency`` exactly as the source spells it (``GBp`` is pence);
    ``market_cap`` is in the major unit of that currency (GBP for GBp), which is how Yahoo gives it;
    ``trailing_dividend_per_share`` covers the last twelve months, per share of ``price`` but in the major
    unit of ``financial_currency``: Yahoo gives BABA's and SID's, priced in USD, in CNY and in BRL.
    """

    symbol: str
    region: str
    observed_at: datetime
    name: str | None = None
    exchange: str | None = None
    exchange_timezone: str | None = None
    quote_type: str | None = None
    currency: str | None = None
    financial_currency: str | None = None
    price: float | None = None
    price_at: datetime | None = None
    market_cap: float | None = None
    shares_outstanding: float | None = None
    implied_shares_outstanding: float | None = None
    trailing_dividend_per_share: float | None = None
    sector: str | None = None
    industry: str | None = None
