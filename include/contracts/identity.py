"""The same work has the same id, so doing it twice changes nothing.

scraping    (run_id, region, band, page), and the listing when it is a repeated one
processing  (run_id, symbol)
"""

from __future__ import annotations

from uuid import UUID, uuid5

_NAMESPACE = UUID("6f0f6a3e-6d0b-5d0c-9a58-1f3b4f1f2a77")


def scraping_task_id(run_id: str, region: str, band: str, page: int, listing: int = 1) -> str:
    """The id of one page of one region's market-cap band in one run; a second listing is other work."""
    again = () if listing == 1 else (f"listing {listing}",)
    return _derived("scraping", run_id, region, band, str(page), *again)


def processing_task_id(run_id: str, symbol: str) -> str:
    """The id of one stock in one run; a symbol listed twice is one task."""
    return _derived("processing", run_id, symbol)


def _derived(*parts: str) -> str:
    # A separator that no part can contain keeps ("a", "bc") and ("ab", "c") apart.
    return str(uuid5(_NAMESPACE, "\x1f".join(parts)))
