"""Which ticks are news: those that change what a symbol costs."""

from __future__ import annotations

from include.contracts.prices import Tick, TickKind


class Changes:
    """Remembers the last price of every symbol, trades and quotes apart."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, TickKind], tuple[float | None, ...]] = {}

    def changed(self, tick: Tick) -> bool:
        """Whether ``tick`` differs in price from the one before it; the first of a symbol does."""
        key = (tick.symbol, tick.kind)
        price = (tick.price, tick.bid, tick.ask)
        if self._last.get(key) == price:
            return False
        self._last[key] = price
        return True

    def forget(self, symbol: str) -> None:
        """A trade of ``symbol`` was taken back: whatever trade comes next is news."""
        self._last.pop((symbol, "trade"), None)
