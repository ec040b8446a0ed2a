"""Wide ratio rows into PostgreSQL: binary COPY and one merge, beside execute_values of the same rows."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import msgspec
import psycopg
from psycopg2.extras import execute_values

from include.contracts.fundamentals import PERIOD_TYPES, RatioRow
from include.ratios.catalog import CATALOG
from include.stores.postgres import Database
from include.stores.ratios import Observation, RatioTable

_STOCKS = 1000
_PERIODS_OF_A_TYPE = 4
_WITH_VALUE = 0.8
_SEEN = Observation("bench", datetime(2026, 11, 21, tzinfo=UTC))


def measure(database: Database) -> list[dict[str, object]]:
    """Rows per second of both ways into an empty and into a full ``financial_ratios``.

    It empties the table before and after: ``database`` is a scratch one.
    """
    names = tuple(CATALOG)
    rows = _rows(names)
    table = RatioTable(names)

    def by_copy() -> None:
        with psycopg.connect(**database.parameters) as connection:
            table.copy(connection, ((row, _SEEN) for row in rows))

    lines = []
    for state in ("empty", "full"):
        if state == "empty":
            _empty(database)
        baseline = _rate(len(rows), lambda: _by_execute_values(database, names, rows))
        if state == "empty":
            _empty(database)
        value = _rate(len(rows), by_copy)
        name = f"ratio rows upserted into a table that is {state}"
        lines.append({"name": name, "value": value, "unit": "rows/s", "baseline": baseline, "ratio": value / baseline})
    _empty(database)
    return lines


def _rate(count: int, work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def _empty(database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE financial_ratios")


def _rows(names: Sequence[str]) -> list[RatioRow]:
    """Rows as the market makes them: four ratios of five have a value, the others a reason."""
    chance = random.Random(1)  # noqa: S311 - the same rows every time
    rows = []
    for stock in range(_STOCKS):
        for period_type in PERIOD_TYPES:
            for year in range(2026 - _PERIODS_OF_A_TYPE, 2026):
                values = {name: chance.gauss(1, 10) for name in names if chance.random() < _WITH_VALUE}
                statuses = {name: "MISSING_INPUT" for name in names if name not in values}
                rows.append(RatioRow(f"S{stock}", period_type, date(year, 9, 30), values, statuses, {}))
    return rows


def _by_execute_values(database: Database, names: Sequence[str], rows: Sequence[RatioRow]) -> None:
    columns = ["symbol", "period_type", "period_end", "run_id", "observed_at", "statuses", "provenance", *names]
    replaced = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns[3:])
    statement = (
        f"INSERT INTO financial_ratios ({', '.join(columns)}) VALUES %s "  # noqa: S608 - the catalogue's names
        f"ON CONFLICT (symbol, period_type, period_end) DO UPDATE SET {replaced}"
    )
    tuples = [
        (
            *(row.symbol, row.period_type, row.period_end, _SEEN.run_id, _SEEN.observed_at),
            *(msgspec.json.encode(row.statuses).decode(), msgspec.json.encode(row.provenance).decode()),
            *(row.values.get(name) for name in names),
        )
        for row in rows
    ]
    with database.transaction() as connection, connection.cursor() as cursor:
        execute_values(cursor, statement, tuples, page_size=1000)
