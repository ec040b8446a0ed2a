"""Ratios are computed in columns: the stocks of all threads of a worker share one computation.

A batch costs little more than one stock does. Whoever comes while a batch is computed is in the next
one, so nobody ever waits for a batch to fill.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from include.contracts.fundamentals import RatioRow
from include.ratios.stock import StockInput

Compute = Callable[[Sequence[StockInput]], list[RatioRow]]


class Together:
    """Computes for all threads at once; one serves a process."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute
        self._turn = threading.Lock()
        self._arriving = threading.Lock()
        self._waiting: list[_Seat] = []

    def rows(self, stock: StockInput) -> list[RatioRow]:
        """The rows of ``stock``, as ``compute([stock])`` returns them."""
        seat = _Seat(stock)
        with self._arriving:
            self._waiting.append(seat)
        with self._turn:
            # Another thread, whose turn came first, may have taken this one along.
            return self._computed_with_others(seat) if seat.rows is None else seat.rows

    def _computed_with_others(self, own: _Seat) -> list[RatioRow]:
        batch = self._boarded(own)
        try:
            rows = self._compute([seat.stock for seat in batch.values()])
        except Exception:  # noqa: BLE001 - what one stock springs must fail that one alone, and not its neighbours
            return self._compute([own.stock])
        found: dict[str, list[RatioRow]] = {symbol: [] for symbol in batch}
        for row in rows:
            found[row.symbol].append(row)
        for symbol, seat in batch.items():
            seat.rows = found[symbol]
        return found[own.symbol]

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
        self.rows: list[RatioRow] | None = None
