"""Ratios per stock: one by one and in batches, beside FinanceToolkit's functions on the same statements.

Speeds are per second of processor time, so one core's, in this process and in FinanceToolkit's. Ours start from
the same statements as FinanceToolkit's and end with what is written to the table; its own end with numbers.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from bench.apart import ended, python_with
from bench.report import Line
from include.contracts.fundamentals import Fundamentals, PeriodType, Statement
from include.contracts.quotes import Quote
from include.contracts.ratio_batch import RatioBatch
from include.errors import Transient
from include.ratios.columns import Columns
from include.ratios.compute import NAMES, compute, compute_batch, evaluate
from include.ratios.inputs import Inputs
from include.ratios.rows import ROWS
from include.ratios.stock import StockInput
from include.stores.ratio_rows import Observation, as_copy, as_json

_HERE = Path(__file__).parent
_SEEN_AT = datetime(2026, 11, 21, tzinfo=UTC)
_SEEN = Observation("bench", _SEEN_AT)
_STOCKS, _ALONE, _BATCH = 2000, 100, 500
_THEIR_TIME_S = 600.0  # a few seconds, on a machine with nothing else to do
_REPORTED = 0.9
_PRICE, _MARKET_CAP = 10.0, 1000.0
_ENDS: dict[PeriodType, list[date]] = {
    "annual": [date(year, 12, 31) for year in range(2022, 2026)],
    "quarterly": [date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31)],
}


class Theirs(msgspec.Struct, frozen=True):
    """What FinanceToolkit's functions did: how many, on how many periods, and stocks per second in three ways."""

    version: str
    functions: int
    periods: int
    alone: float
    batch: float
    ready: float

    def __str__(self) -> str:
        return (
            f"; beside FinanceToolkit {self.version}'s {self.functions} ratio functions that take these rows, "
            f"of {self.periods} periods, without reasons"
        )


def measure(home: Path) -> list[Line]:
    """Stocks per second of one core, up to what PostgreSQL is sent; ``home`` holds FinanceToolkit's environment."""
    stocks = [_stock(number) for number in range(_STOCKS)]
    theirs = _financetoolkit(home, stocks)
    batches = [stocks[start : start + _BATCH] for start in range(0, _STOCKS, _BATCH)]
    ready = [Inputs(Columns(batch)) for batch in batches]
    ours = f"{len(NAMES)} ratios of {len(ready[0].periods) / _BATCH:.0f} periods with reasons"
    several = f"{_BATCH} at a time: {ours}"
    alone = _rate(_ALONE, lambda: [compute([stock]) for stock in stocks[:_ALONE]])
    copied = _rate(_STOCKS, lambda: [_copied(compute_batch(batch)) for batch in batches])
    upserted = _rate(_STOCKS, lambda: [_upserted(compute_batch(batch)) for batch in batches])
    functions = _rate(_STOCKS, lambda: [evaluate(inputs) for inputs in ready])
    return [
        _line(f"from statements to rows, one by one: {ours} and provenance", alone, theirs, "alone"),
        _line(f"from statements to the bytes of a COPY, {several} and provenance", copied, theirs, "batch"),
        _line(
            f"from statements to the JSON of an upsert per stock, {several} and provenance", upserted, theirs, "batch"
        ),
        _line(f"the functions alone, from ready columns, {several}", functions, theirs, "ready"),
    ]


def _line(name: str, value: float, theirs: Theirs | None, way: str) -> Line:
    unit = "stocks/s of one core"
    if theirs is None:
        return Line(name, value, unit)
    baseline = float(getattr(theirs, way))
    return Line(f"{name}{theirs}", value, unit, baseline, value / baseline)


def _rate(count: int, work: Callable[[], object]) -> float:
    """The best of three: other programs on the machine only ever slow it down."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return count / min(seconds)


def _copied(batch: RatioBatch) -> int:
    return sum(map(len, as_copy(batch, [_SEEN] * len(batch.keys))))


def _upserted(batch: RatioBatch) -> int:
    return sum(len(as_json(one, [_SEEN] * len(one.keys))) for one in batch.by_symbol().values())


def _stock(number: int) -> StockInput:
    chance = random.Random(number)  # noqa: S311 - the same stocks every time
    statements = [
        Statement(
            period_type,
            end,
            "USD",
            {row.name: chance.uniform(1, 1000) for row in ROWS if chance.random() < _REPORTED},
            months=12 if period_type == "annual" else 3,
        )
        for period_type, days in _ENDS.items()
        for end in days
    ]
    quote = Quote(
        symbol=f"S{number}",
        region="us",
        observed_at=_SEEN_AT,
        currency="USD",
        financial_currency="USD",
        price=_PRICE,
        price_at=_SEEN_AT,
        market_cap=_MARKET_CAP,
        shares_outstanding=100.0,
        sector="Technology",
        industry="Software - Application",
    )
    return StockInput(Fundamentals(quote.symbol, _SEEN_AT, tuple(statements)), quote)


def _financetoolkit(home: Path, stocks: list[StockInput]) -> Theirs | None:
    """FinanceToolkit's speed on the same statements, None (said on the screen) where it cannot be had."""
    data = home / "statements.json"
    one_thread = dict(os.environ) | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        python = python_with(_HERE / "financetoolkit.txt", home / "financetoolkit-venv")
        data.write_bytes(msgspec.json.encode(_statements(stocks)))
        program = [str(python), "-I", str(_HERE / "financetoolkit_ratios.py"), str(data), str(_ALONE), str(_BATCH)]
        done = ended(program, one_thread, within_s=_THEIR_TIME_S, what="computing with FinanceToolkit")
    except Transient as error:
        sys.stderr.write(f"FinanceToolkit's speed is left out: {error}\n")
        return None
    finally:
        data.unlink(missing_ok=True)
    if done.returncode != 0:
        sys.stderr.write(f"FinanceToolkit's speed is left out, because it broke: {done.stderr[-500:]}\n")
        return None
    return msgspec.convert(json.loads(done.stdout.splitlines()[-1]), Theirs)


def _statements(stocks: list[StockInput]) -> dict[str, list[list[dict[str, float]]]]:
    """By period type: stocks, their statements, amounts by row; the quote is as good as two more rows."""
    quoted = {"Price": _PRICE, "MarketCap": _MARKET_CAP}
    return {
        period_type: [
            [one.lines | quoted for one in stock.fundamentals.statements if one.period_type == period_type]
            for stock in stocks
        ]
        for period_type in _ENDS
    }
