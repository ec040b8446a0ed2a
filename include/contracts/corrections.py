"""A trade taken back: what a vendor said of a trade that it had sent before."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from include.contracts.identity import correction_id
from include.contracts.prices import Amount, Money


class TickCorrection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``feed`` takes back the trade that it called ``trade``; with ``new_price`` another one stands in its place.

    ``price``, ``size`` and ``exchange`` are the trade's as it was first told: with them, the vendor's id and a time the
    tick is found without doubt, for its ``tick_id`` is derived from all of these. ``told_at`` is when the vendor said
    so, ``ticked_at`` the trade's own moment where the vendor names that. The row key is ``correction_id``.
    """

    correction_id: str
    feed: str
    symbol: str
    trade: str
    price: Money
    told_at: datetime
    size: Amount | None = None
    exchange: str | None = None
    ticked_at: datetime | None = None
    new_trade: str | None = None
    new_price: Money | None = None
    new_size: Amount | None = None
    new_conditions: tuple[str, ...] = ()
    schema_version: Literal[1] = 1

    @property
    def key(self) -> str:
        """The symbol."""
        return self.symbol


def identify_correction(correction: TickCorrection) -> TickCorrection:
    """``correction`` with the id that its content gives it."""
    old = (correction.trade, correction.price, correction.size, correction.exchange)
    new = (correction.new_trade, correction.new_price, correction.new_size)
    at = correction.ticked_at or correction.told_at
    found = correction_id(correction.feed, correction.symbol, at, (*old, *new))
    return msgspec.structs.replace(correction, correction_id=found)
