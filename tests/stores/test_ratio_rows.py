"""Wide rows by both ways into a real ``financial_ratios``: the same rows, and never over a newer observation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import psycopg
import pytest

from include.contracts.ratio_batch import RatioBatch
from include.ratios.compute import NAMES
from include.stores.postgres import Database
from include.stores.ratio_rows import Observation
from include.stores.ratios import RatioTable

pytestmark = pytest.mark.stack

SEEN = Observation("monday", datetime(2026, 11, 16, 22, tzinfo=UTC), datetime(2026, 11, 16, 21, tzinfo=UTC))
LATER = Observation("tuesday", SEEN.observed_at + timedelta(days=1))
EARLIER = Observation("a late replay", SEEN.observed_at - timedelta(days=1))

Row = tuple[float | None, int, Observation]
Write = Callable[[Database, RatioBatch, Sequence[Observation]], None]


def _one_stock(database: Database, batch: RatioBatch, seen: Sequence[Observation]) -> None:
    with database.transaction() as connection:
        RatioTable(NAMES).upsert(connection, batch, seen)


def _by_copy(database: Database, batch: RatioBatch, seen: Sequence[Observation]) -> None:
    with psycopg.connect(**database.parameters) as connection:
        RatioTable(NAMES).copy(connection, [(batch, seen)])


both_ways = pytest.mark.parametrize("write", [_one_stock, _by_copy])


def _written(*rows: Row) -> tuple[RatioBatch, list[Observation]]:
    """A row per (current ratio, year, observation) of one stock, of which no other ratio but one is known."""
    values, statuses = np.full((len(rows), len(NAMES)), np.nan), np.zeros((len(rows), len(NAMES)), np.uint8)
    values[:, NAMES.index("return_on_assets")] = 0.1
    for number, (value, _, _) in enumerate(rows):
        values[number, NAMES.index("current_ratio")] = np.nan if value is None else value
        statuses[number, NAMES.index("current_ratio")] = 1 if value is None else 0
    keys = [("AAPL", "annual", date(year, 9, 30)) for _, year, _ in rows]
    names = ("OK", "MISSING_INPUT")
    return RatioBatch(NAMES, names, keys, values, statuses, [{"currency": "USD"}] * len(rows)), [r[2] for r in rows]


def _held(database: Database) -> list[tuple[Any, ...]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            """SELECT period_end, current_ratio, return_on_assets, statuses, provenance, run_id, observed_at, price_at
            FROM financial_ratios ORDER BY period_end"""
        )
        return cursor.fetchall()


@both_ways
def test_a_row_is_stored_as_it_is(database: Database, write: Write) -> None:
    write(database, *_written((1.5, 2025, SEEN), (None, 2024, LATER)))
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
    write(database, *_written((1.5, 2025, SEEN)))
    write(database, *_written((None, 2025, LATER)))
    assert [row[1:4] for row in _held(database)] == [(None, 0.1, {"current_ratio": "MISSING_INPUT"})]


@both_ways
def test_a_late_replay_never_replaces_a_newer_observation(database: Database, write: Write) -> None:
    write(database, *_written((1.5, 2025, SEEN)))
    write(database, *_written((0.5, 2025, EARLIER)))
    assert [(row[1], row[5]) for row in _held(database)] == [(1.5, "monday")]


@both_ways
def test_the_same_rows_twice_change_nothing(database: Database, write: Write) -> None:
    for _ in range(2):
        write(database, *_written((1.5, 2025, SEEN), (1.4, 2024, SEEN)))
    assert [row[1] for row in _held(database)] == [1.4, 1.5]


@both_ways
def test_no_row_is_no_work(database: Database, write: Write) -> None:
    write(database, *_written())
    assert _held(database) == []


@both_ways
def test_every_number_is_stored_to_its_last_bit(database: Database, write: Write) -> None:
    numbers = [0.1 + 0.2, -5e-324, 1.7976931348623157e308, 1 / 3, -0.0, 123456789012345678.0]
    write(database, *_written(*((number, 2000 + year, SEEN) for year, number in enumerate(numbers))))
    assert [repr(row[1]) for row in _held(database)] == [repr(number) for number in numbers]


@both_ways
def test_more_rows_than_are_encoded_at_once_are_all_stored(database: Database, write: Write) -> None:
    write(database, *_written(*((float(year), year, SEEN) for year in range(1700, 2300))))
    assert [row[1] for row in _held(database)] == list(range(1700, 2300))


@both_ways
def test_a_batch_of_other_ratios_is_refused(database: Database, write: Write) -> None:
    batch, seen = _written((1.5, 2025, SEEN))
    with pytest.raises(ValueError, match="other ratios"):
        write(database, msgspec.structs.replace(batch, names=NAMES[::-1]), seen)
    assert _held(database) == []


def _times(seen: Observation) -> tuple[datetime, datetime | None]:
    return seen.observed_at, seen.price_at
