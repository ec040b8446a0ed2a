"""Wide ratio rows into PostgreSQL: many by binary COPY, a stock's by one JSON parameter, beside execute_values."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial

import msgspec
import numpy as np
import psycopg
from psycopg2.extras import execute_values

from bench.report import Line
from include.contracts.fundamentals import PERIOD_TYPES, RatioRow
from include.contracts.ratio_batch import RatioBatch
from include.ratios.compute import NAMES
from include.stores.postgres import Database
from include.stores.ratio_rows import Observation
from include.stores.ratios import RatioTable

_STOCKS = 1000
_PERIODS_OF_A_TYPE = 4
_WITH_VALUE = 0.8
_SEEN = Observation("bench", datetime(2026, 11, 21, tzinfo=UTC))
_TABLE = RatioTable(NAMES)


def measure(database: Database) -> list[Line]:
    """Rows per second of all ways into an empty and into a full ``financial_ratios``.

    It empties the table before and after: ``database`` is a scratch one.
    """
    batch = _batch()
    rows = batch.rows()
    stocks = list(batch.by_symbol().values())
    rows_of = [stock.rows() for stock in stocks]
    lines = []
    for state in ("empty", "full"):
        many = _beside(database, state, partial(_execute_values, database, [rows]), partial(_copy, database, batch))
        each = _beside(database, state, partial(_execute_values, database, rows_of), partial(_json, database, stocks))
        lines += [
            _line(f"ratio rows upserted into a table that is {state}", len(rows), *many),
            _line(f"the same, a transaction per stock as a worker does, table {state}", len(rows), *each),
        ]
    _empty(database)
    return lines


def _beside(
    database: Database, state: str, baseline: Callable[[], None], ours: Callable[[], None]
) -> tuple[float, float]:
    """Seconds of the baseline, seconds of ours."""
    seconds = []
    for work in (baseline, ours):
        if state == "empty":
            _empty(database)
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds[0], seconds[1]


def _line(name: str, rows: int, baseline_s: float, ours_s: float) -> Line:
    return Line(name, rows / ours_s, "rows/s", rows / baseline_s, baseline_s / ours_s)


def _empty(database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE financial_ratios")


def _batch() -> RatioBatch:
    """Rows as the market makes them: four ratios of five have a value, the others a reason."""
    chance = random.Random(1)  # noqa: S311 - the same rows every time
    keys = [
        (f"S{stock}", period_type, date(year, 9, 30))
        for stock in range(_STOCKS)
        for period_type in PERIOD_TYPES
        for year in range(2026 - _PERIODS_OF_A_TYPE, 2026)
    ]
    values = np.array(
        [chance.gauss(1, 10) if chance.random() < _WITH_VALUE else np.nan for _ in range(len(keys) * len(NAMES))]
    ).reshape(len(keys), len(NAMES))
    return RatioBatch(NAMES, ("OK", "MISSING_INPUT"), keys, values, np.isnan(values).astype(np.uint8), [{}] * len(keys))


def _copy(database: Database, batch: RatioBatch) -> None:
    with psycopg.connect(**database.parameters) as connection:
        _TABLE.copy(connection, [(batch, [_SEEN] * len(batch.keys))])


def _json(database: Database, stocks: Sequence[RatioBatch]) -> None:
    for stock in stocks:
        with database.transaction() as connection:
            _TABLE.upsert(connection, stock, [_SEEN] * len(stock.keys))


def _execute_values(database: Database, transactions: Sequence[Sequence[RatioRow]]) -> None:
    columns = ["symbol", "period_type", "period_end", "run_id", "observed_at", "statuses", "provenance", *NAMES]
    replaced = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns[3:])
    statement = (
        f"INSERT INTO financial_ratios ({', '.join(columns)}) VALUES %s "  # noqa: S608 - the catalogue's names
        f"ON CONFLICT (symbol, period_type, period_end) DO UPDATE SET {replaced}"
    )
    for rows in transactions:
        with database.transaction() as connection, connection.cursor() as cursor:
            execute_values(cursor, statement, [_tuple(row) for row in rows], page_size=1000)


def _tuple(row: RatioRow) -> tuple[object, ...]:
    return (
        *(row.symbol, row.period_type, row.period_end, _SEEN.run_id, _SEEN.observed_at),
        *(msgspec.json.encode(row.statuses).decode(), msgspec.json.encode(row.provenance).decode()),
        *(row.values.get(name) for name in NAMES),
    )
