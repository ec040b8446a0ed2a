"""What no price can be is refused where a message is read, for every reader alike."""

from __future__ import annotations

import msgspec
import pytest

from include.contracts.prices import Tick
from include.errors import Permanent
from include.transport.codec import decode

TICK = {
    "schema_version": 1,
    "tick_id": 1,
    "feed": "alpaca-stocks",
    "symbol": "AAPL",
    "kind": "trade",
    "ticked_at": "2026-11-20T15:00:00Z",
    "price": 266.25,
    "size": 100,
}


def test_a_tick_as_it_should_be_is_read() -> None:
    assert decode(msgspec.json.encode(TICK), Tick).size == 100


@pytest.mark.parametrize(("field", "value"), [("price", -3), ("price", 0), ("size", -5), ("bid", -0.01)])
def test_an_amount_below_nothing_is_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(Permanent, match=rf"\$\.{field}"):
        decode(msgspec.json.encode(TICK | {field: value}), Tick)
