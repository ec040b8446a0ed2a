"""Movements are kept once, whatever comes beside them, and the latest are shown first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from include.contracts.prices import PriceMovement, identify_movement
from include.stores.base import Written
from include.stores.movements import MovementStore, recent
from include.stores.postgres import Database

AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def movement(after_s: float = 0, **other: object) -> PriceMovement:
    fields = {
        "movement_id": "",
        "source": "alpaca-stocks",
        "symbol": "AAPL",
        "window_s": 300.0,
        "percent": 2.0,
        "price_before": 100.0,
        "price_after": 102.0,
        "moved_from_at": AT + timedelta(seconds=after_s - 60),
        "moved_to_at": AT + timedelta(seconds=after_s),
    }
    return identify_movement(msgspec.convert(fields | other, PriceMovement))


def test_a_movement_is_kept_as_it_came_and_shown_newest_first(database: Database) -> None:
    early, late = movement(0), movement(90, symbol="MSFT", percent=-3.5)
    assert MovementStore(database).write([early, late]) == Written(2)
    with database.transaction() as connection:
        assert recent(connection, AT) == [late, early]
        assert recent(connection, AT + timedelta(seconds=1)) == [late]
        assert recent(connection, AT, limit=1) == [late]


def test_the_same_movement_again_is_the_same_row(database: Database) -> None:
    store = MovementStore(database)
    assert store.write([movement(), movement()]) == Written(1)
    assert store.write([movement()]) == Written(0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"symbol": "A\0"},
        {"percent": float("inf")},
        {"price_after": float("nan")},
        {"moved_to_at": datetime(9999, 1, 1, tzinfo=UTC)},
        {"moved_to_at": datetime(1, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_can_never_be_a_row_is_refused_by_name_and_the_rest_is_kept(
    database: Database, wrong: dict[str, object]
) -> None:
    written = MovementStore(database).write([movement(0), movement(1, **wrong), movement(2)])
    assert written.new == 2
    assert [refusal.position for refusal in written.refused] == [1]


def test_an_id_that_is_none_is_refused(database: Database) -> None:
    made_up = msgspec.structs.replace(movement(), movement_id="not-a-uuid")
    assert [r.why for r in MovementStore(database).write([made_up]).refused] == ["movement_id is no UUID"]


def test_months_apart_have_room(database: Database) -> None:
    assert MovementStore(database).write([movement(0), movement(-90 * 86_400)]) == Written(2)
