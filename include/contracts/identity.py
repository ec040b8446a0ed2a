"""The same work has the same id, so doing it twice changes nothing.

scraping    (run_id, region, band, page), and the listing when it is a repeated one
processing  (run_id, symbol)
price       (source, symbol, its moment, price, volume)
tick        (feed, symbol, kind, its moment, all amounts, the vendor's trade id)
movement    (source, symbol, window, the moment it was complete)
correction  (feed, symbol, when it was said or when the trade was, the trade as it was, the trade as it is)
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from uuid import UUID, uuid5

_NAMESPACE = UUID("6f0f6a3e-6d0b-5d0c-9a58-1f3b4f1f2a77")
# A separator that no part can contain keeps ("a", "bc") and ("ab", "c") apart.
_SEPARATOR = "\x1f"


def scraping_task_id(run_id: str, region: str, band: str, page: int, listing: int = 1) -> str:
    """The id of one page of one region's market-cap band in one run; a second listing is other work."""
    again = () if listing == 1 else (f"listing {listing}",)
    return _derived("scraping", run_id, region, band, str(page), *again)


def processing_task_id(run_id: str, symbol: str) -> str:
    """The id of one stock in one run; a symbol listed twice is one task."""
    return _derived("processing", run_id, symbol)


def price_id(source: str, symbol: str, price_at: datetime, price: float, volume: float | None) -> str:
    """The id of one observed price; a vendor that repeats itself repeats the id."""
    return _derived("price", source, symbol, price_at.isoformat(), _amount(price), _amount(volume))


def movement_id(source: str, symbol: str, window_s: float, moved_to_at: datetime) -> str:
    """The id of one price movement."""
    return _derived("movement", source, symbol, repr(window_s), moved_to_at.isoformat())


def correction_id(feed: str, symbol: str, at: datetime, trades: Iterable[str | float | None]) -> str:
    """The id of a vendor's taking back of one trade."""
    told = (value if isinstance(value, str) else _amount(value) for value in trades)
    return _derived("correction", feed, symbol, at.isoformat(), *told)


def tick_id(feed: str, symbol: str, kind: str, ticked_at: datetime, amounts: Iterable[float | None], trade: str) -> int:
    """The id of one tick: 63 bits, so that it fits a ``bigint`` and one microsecond holds many."""
    parts = (feed, symbol, kind, ticked_at.isoformat(), *map(_amount, amounts), trade)
    digest = blake2b(_SEPARATOR.join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _amount(amount: float | None) -> str:
    # 100 and 100.0 are one amount.
    return "" if amount is None else repr(float(amount))


def _derived(*parts: str) -> str:
    return str(uuid5(_NAMESPACE, _SEPARATOR.join(parts)))
