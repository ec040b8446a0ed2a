"""Many threads, one computation; what one stock springs fails that one alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from include.contracts.fundamentals import Fundamentals, Statement
from include.contracts.ratio_batch import RatioBatch
from include.ratios.compute import compute, compute_batch
from include.ratios.stock import StockInput
from include.workers.together import Together

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def _stock(symbol: str, assets: float = 3.0) -> StockInput:
    lines = {"CurrentAssets": assets, "CurrentLiabilities": 2.0, "TotalAssets": 9.0, "TotalRevenue": 7.0}
    years = tuple(Statement("annual", date(year, 9, 30), "USD", lines, {}, 12) for year in (2024, 2025))
    return StockInput(Fundamentals(symbol, NOW, years))


class _Gate:
    """The real computation, held until it is opened; it notes the size of each batch."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.entered = threading.Event()
        self.batches: list[int] = []

    def __call__(self, stocks: Sequence[StockInput]) -> RatioBatch:
        self.batches.append(len(stocks))
        self.entered.set()
        assert self.opened.wait(60)
        if any(stock.fundamentals.symbol == "BROKEN" for stock in stocks):
            raise RuntimeError("a bug that this stock springs")
        return compute_batch(stocks)


def _arrived(together: Together, count: int) -> bool:
    deadline = threading.Event()
    for _ in range(6000):
        if len(together._waiting) >= count:
            return True
        deadline.wait(0.01)
    return False


def test_every_stock_gets_its_own_rows_and_those_who_wait_share_a_batch() -> None:
    gate = _Gate()
    together = Together(gate)
    stocks = [_stock(f"S{n}", float(n)) for n in range(6)]
    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(together.ratios, stocks[0])
        assert gate.entered.wait(60)
        others = [threads.submit(together.ratios, stock) for stock in stocks[1:]]
        assert _arrived(together, 5)
        gate.opened.set()
        found = [first.result(60), *(other.result(60) for other in others)]
    assert [ratios.rows() for ratios in found] == [compute([stock]) for stock in stocks]
    assert gate.batches == [1, 5]


def test_a_stock_without_statements_has_no_row() -> None:
    assert Together(compute_batch).ratios(StockInput(Fundamentals("NONE", NOW, ()))).rows() == []


def test_one_symbol_twice_is_computed_twice() -> None:
    gate = _Gate()
    together = Together(gate)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(together.ratios, _stock("A"))
        assert gate.entered.wait(60)
        twins = [threads.submit(together.ratios, _stock("B", assets)) for assets in (4.0, 6.0)]
        assert _arrived(together, 2)
        gate.opened.set()
        assert first.result(60).rows()[0].symbol == "A"
        assert [twin.result(60).rows()[0].values["current_ratio"] for twin in twins] == [2.0, 3.0]


def test_a_stock_that_springs_a_bug_fails_alone() -> None:
    gate = _Gate()
    together = Together(gate)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(together.ratios, _stock("A"))
        assert gate.entered.wait(60)
        broken = threads.submit(together.ratios, _stock("BROKEN"))
        sound = [threads.submit(together.ratios, _stock(symbol)) for symbol in ("B", "C")]
        assert _arrived(together, 3)
        gate.opened.set()
        assert first.result(60).keys
        assert [one.result(60).rows()[0].symbol for one in sound] == ["B", "C"]
        with pytest.raises(RuntimeError, match="this stock"):
            broken.result(60)
