"""The table ``stocks``: every listed stock as its latest listing described it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from include.contracts.quotes import Quote

SECTOR_KEPT = timedelta(days=30)

_UPSERT = """
INSERT INTO stocks (symbol, region, name, exchange, currency, financial_currency, sector, industry, sector_seen_at,
                    market_cap, last_seen_at)
VALUES %s
ON CONFLICT (symbol) DO UPDATE
SET name = coalesce(excluded.name, stocks.name),
    region = excluded.region,
    exchange = coalesce(excluded.exchange, stocks.exchange),
    currency = coalesce(excluded.currency, stocks.currency),
    financial_currency = coalesce(excluded.financial_currency, stocks.financial_currency),
    sector = CASE WHEN excluded.sector_seen_at IS NULL THEN stocks.sector ELSE excluded.sector END,
    industry = CASE WHEN excluded.sector_seen_at IS NULL THEN stocks.industry ELSE excluded.industry END,
    sector_seen_at = coalesce(excluded.sector_seen_at, stocks.sector_seen_at),
    market_cap = coalesce(excluded.market_cap, stocks.market_cap),
    last_seen_at = excluded.last_seen_at
WHERE stocks.last_seen_at <= excluded.last_seen_at
"""
_SECTORS = """
SELECT symbol, sector, industry FROM stocks WHERE symbol = ANY(%s) AND sector_seen_at > %s AND sector IS NOT NULL
"""


class Sector(msgspec.Struct, frozen=True):
    """What a stock's business is, in the source's words."""

    sector: str
    industry: str | None


def upsert(connection: Connection, quotes: Iterable[Quote], *, sectors_seen: bool = False) -> None:
    """Write ``quotes`` in the caller's transaction; an older quote never replaces a newer one.

    What a quote does not say stays as it was. ``sectors_seen`` says that sector and industry were read
    from the source just now, and not from this table: their 30 days start anew. Symbols must be distinct.
    """
    rows = [_row(quote, sectors_seen) for quote in sorted(quotes, key=lambda q: q.symbol)]  # one order: no deadlock
    if rows:
        with connection.cursor() as cursor:
            execute_values(cursor, _UPSERT, rows, page_size=1000)


def known_sectors(connection: Connection, symbols: Sequence[str], now: datetime) -> dict[str, Sector]:
    """Sector and industry of those ``symbols`` that were seen with them within 30 days of ``now``."""
    with connection.cursor() as cursor:
        cursor.execute(_SECTORS, (list(symbols), now - SECTOR_KEPT))
        return {symbol: Sector(sector, industry) for symbol, sector, industry in cursor.fetchall()}


def _row(quote: Quote, sectors_seen: bool) -> tuple[object, ...]:
    seen_at = quote.observed_at if sectors_seen and quote.sector else None
    return (
        quote.symbol,
        quote.region,
        quote.name,
        quote.exchange,
        quote.currency,
        quote.financial_currency,
        quote.sector if seen_at else None,
        quote.industry if seen_at else None,
        seen_at,
        quote.market_cap,
        quote.observed_at,
    )
