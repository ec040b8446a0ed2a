"""Ratios are computed in columns: the stocks of all threads of a worker share one computation.

A batch costs little more than one stock does. Whoever comes while a batch is computed is in the next
one, so nobody ever waits for a batch to fill.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from include.contracts.ratio_batch import RatioBatch
from include.ratios.stock import StockInput

Compute = Callable[[Sequence[StockInput]], RatioBatch]


class Together:
    """Computes for all threads at once; one serves a process."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute
        self._turn = threading.Lock()
        self._arriving = threading.Lock()
        self._waiting: list[_Seat] = []

    def ratios(self, stock: StockInput) -> RatioBatch:
        """The ratios of ``stock``, as ``compute([stock])`` returns them."""
        seat = _Seat(stock)
        with self._arriving:
            self._waiting.append(seat)
        with self._turn:
            # Another thread, whose turn came first, may have taken this one along.
            return self._computed_with_others(seat) if seat.ratios is None else seat.ratios

    def _computed_with_others(self, own: _Seat) -> RatioBatch:
        batch = self._boarded(own)
        try:
            ratios = self._compute([seat.stock for seat in batch.values()])
        except Exception:  # noqa: BLE001 - what one stock springs must fail that one alone, and not its neighbours
            return self._compute([own.stock])
        found, none = ratios.by_symbol(), ratios.part(0, 0)
        for symbol, seat in batch.items():
            seat.ratios = found.get(symbol, none)
        return found.get(own.symbol, none)

    def _boarded(self, own: _Seat) -> dict[str, _Seat]:
        """All who wait, by symbol; of one symbol twice, the other stays for a turn of its own."""
        with self._arriving:
            batch = {seat.symbol: seat for seat in self._waiting} | {own.symbol: own}
            self._waiting = [seat for seat in self._waiting if batch[seat.symbol] is not seat]
        return batch


class _Seat:
    def __init__(self, stock: StockInput) -> None:
        self.stock = stock
        self.symbol = stock.fundamentals.symbol
        self.ratios: RatioBatch | None = None
