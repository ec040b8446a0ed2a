"""Wide rows by both ways into a real ``financial_ratios``: the same rows, and never over a newer observation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from include.contracts.fundamentals import RatioRow
from include.ratios.catalog import CATALOG
from include.stores.postgres import Database
from include.stores.ratios import Observation, RatioTable

pytestmark = pytest.mark.stack

SEEN = Observation("monday", datetime(2026, 11, 16, 22, tzinfo=UTC), datetime(2026, 11, 16, 21, tzinfo=UTC))
LATER = Observation("tuesday", SEEN.observed_at + timedelta(days=1))
EARLIER = Observation("a late replay", SEEN.observed_at - timedelta(days=1))

Write = Callable[[Database, Sequence[tuple[RatioRow, Observation]]], None]


def _one_stock(database: Database, rows: Sequence[tuple[RatioRow, Observation]]) -> None:
    with database.transaction() as connection:
        RatioTable(tuple(CATALOG)).upsert(connection, rows)


def _by_copy(database: Database, rows: Sequence[tuple[RatioRow, Observation]]) -> None:
    with psycopg.connect(**database.parameters) as connection:
        RatioTable(tuple(CATALOG)).copy(connection, rows)


both_ways = pytest.mark.parametrize("write", [_one_stock, _by_copy])


def _row(value: float | None, year: int = 2025) -> RatioRow:
    values = {"return_on_assets": 0.1} | ({} if value is None else {"current_ratio": value})
    statuses = {} if value is not None else {"current_ratio": "MISSING_INPUT"}
    return RatioRow("AAPL", "annual", date(year, 9, 30), values, statuses, {"currency": "USD"})


def _held(database: Database) -> list[tuple[Any, ...]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            """SELECT period_end, current_ratio, return_on_assets, statuses, provenance, run_id, observed_at, price_at
            FROM financial_ratios ORDER BY period_end"""
        )
        return cursor.fetchall()


@both_ways
def test_a_row_is_stored_as_it_is(database: Database, write: Write) -> None:
    write(database, [(_row(1.5), SEEN), (_row(None, 2024), LATER)])
    assert _held(database) == [
        (
            date(2024, 9, 30),
            None,
            0.1,
            {"current_ratio": "MISSING_INPUT"},
            {"currency": "USD"},
            "tuesday",
            *_times(LATER),
        ),
        (date(2025, 9, 30), 1.5, 0.1, {}, {"currency": "USD"}, "monday", *_times(SEEN)),
    ]


@both_ways
def test_a_newer_observation_replaces_values_and_reasons(database: Database, write: Write) -> None:
    write(database, [(_row(1.5), SEEN)])
    write(database, [(_row(None), LATER)])
    assert [row[1:4] for row in _held(database)] == [(None, 0.1, {"current_ratio": "MISSING_INPUT"})]


@both_ways
def test_a_late_replay_never_replaces_a_newer_observation(database: Database, write: Write) -> None:
    write(database, [(_row(1.5), SEEN)])
    write(database, [(_row(0.5), EARLIER)])
    assert [(row[1], row[5]) for row in _held(database)] == [(1.5, "monday")]


@both_ways
def test_the_same_rows_twice_change_nothing(database: Database, write: Write) -> None:
    for _ in range(2):
        write(database, [(_row(1.5), SEEN), (_row(1.4, 2024), SEEN)])
    assert [row[1] for row in _held(database)] == [1.4, 1.5]


@both_ways
def test_no_row_is_no_work(database: Database, write: Write) -> None:
    write(database, [])
    assert _held(database) == []


def _times(seen: Observation) -> tuple[datetime, datetime | None]:
    return seen.observed_at, seen.price_at
