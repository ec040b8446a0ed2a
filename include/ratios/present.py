"""The ratios of one stock as one JSON object."""

from __future__ import annotations

from collections.abc import Sequence

from include.contracts.fundamentals import RatioRow
from include.ratios.catalog import CATALOG
from include.ratios.status import Status
from include.ratios.stock import StockInput


def as_object(stock: StockInput, rows: Sequence[RatioRow]) -> dict[str, object]:
    """What ``stocks ratios SYMBOL --json`` prints.

    ``{"symbol", "currency", "sector_profile", "periods": [{"period_type", "period_end", "ratios": {name:
    {"value", "status"}}}]}``. A value is null unless its status is OK or STALE. ``currency`` is that of the
    newest period's amounts; a period whose amounts are in another has a ``currency`` of its own.
    """
    newest = max(rows, key=lambda row: row.period_end, default=None)
    currency = newest.provenance.get("currency") if newest is not None else None
    return {
        "symbol": stock.fundamentals.symbol,
        "currency": currency,
        "sector_profile": str(stock.profile),
        "periods": [_period(row, currency) for row in rows],
    }


def _period(row: RatioRow, currency: object) -> dict[str, object]:
    own = row.provenance.get("currency")
    ratios = {name: _value(row, name) for name in CATALOG}
    period: dict[str, object] = {"period_type": row.period_type, "period_end": row.period_end.isoformat()}
    return period | ({"currency": own} if own != currency else {}) | {"ratios": ratios}


def _value(row: RatioRow, name: str) -> dict[str, object]:
    return {"value": row.values.get(name), "status": row.statuses.get(name, Status.OK.name)}
