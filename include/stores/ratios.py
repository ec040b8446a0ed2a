"""Wide rows into ``financial_ratios``: one stock's at a time, or many by COPY.

A row never replaces one whose statements were observed later: a late replay must not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb
from psycopg2.extensions import connection as Connection

from include.contracts.fundamentals import RatioRow

_KEY = ("symbol", "period_type", "period_end")
_BESIDE = ("run_id", "observed_at", "price_at", "statuses", "provenance")
_TYPES = ("text", "text", "date", "text", "timestamptz", "timestamptz", "jsonb", "jsonb")
_STAGE = "CREATE TEMPORARY TABLE staged_ratios (LIKE financial_ratios INCLUDING DEFAULTS) ON COMMIT DROP"


class Observation(msgspec.Struct, frozen=True):
    """The run that computed a row, when its statements were fetched, and the time of the price in it, if any."""

    run_id: str | None
    observed_at: datetime
    price_at: datetime | None = None


class RatioTable:
    """Upserts rows whose ratios are ``ratios``, the names of the table's ratio columns."""

    def __init__(self, ratios: Sequence[str]) -> None:
        self._ratios = tuple(ratios)
        names = ", ".join(_KEY + _BESIDE + self._ratios)
        replaced = ", ".join(f"{name} = EXCLUDED.{name}" for name in _BESIDE + self._ratios)
        on_conflict = (
            f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {replaced} WHERE held.observed_at <= EXCLUDED.observed_at"
        )
        insert = f"INSERT INTO financial_ratios AS held ({names}) SELECT {names}"
        # One JSON parameter instead of a hundred per row: three times faster than execute_values.
        self._upsert = f"{insert} FROM json_populate_recordset(NULL::financial_ratios, %s) {on_conflict}"
        self._merge = f"{insert} FROM staged_ratios {on_conflict}".encode()
        self._copy = f"COPY staged_ratios ({names}) FROM STDIN (FORMAT BINARY)".encode()

    def upsert(self, connection: Connection, rows: Iterable[tuple[RatioRow, Observation]]) -> None:
        """Write the rows of one stock in the caller's transaction."""
        records = [_record(row, seen) for row, seen in rows]
        if records:
            with connection.cursor() as cursor:
                cursor.execute(self._upsert, (msgspec.json.encode(records).decode(),))

    def copy(self, connection: psycopg.Connection[Any], rows: Iterable[tuple[RatioRow, Observation]]) -> None:
        """Write many rows, of distinct symbols and periods, by one binary COPY and one merge.

        Ten times as fast as execute_values; in a transaction of its own on a psycopg 3 connection.
        """
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(_STAGE)
            with cursor.copy(self._copy) as copy:
                copy.set_types(_TYPES + ("float8",) * len(self._ratios))
                for row, seen in rows:
                    copy.write_row((*_leading(row, seen), *map(row.values.get, self._ratios)))
            cursor.execute(self._merge)


def _record(row: RatioRow, seen: Observation) -> dict[str, object]:
    return {
        "symbol": row.symbol,
        "period_type": row.period_type,
        "period_end": row.period_end,
        "statuses": row.statuses,
        "provenance": row.provenance,
        "run_id": seen.run_id,
        "observed_at": seen.observed_at,
        "price_at": seen.price_at,
        **row.values,
    }


def _leading(row: RatioRow, seen: Observation) -> tuple[object, ...]:
    statuses = Jsonb(row.statuses, dumps=msgspec.json.encode)
    provenance = Jsonb(row.provenance, dumps=msgspec.json.encode)
    key = (row.symbol, row.period_type, row.period_end)
    return (*key, seen.run_id, seen.observed_at, seen.price_at, statuses, provenance)
