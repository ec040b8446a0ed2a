"""A trade that the vendor takes back, from its socket to the bar."""

from __future__ import annotations

from typing import Any

import pytest
from feed_trials import Process, rows, running_feed, until

from include.market.server import Market
from include.stores.postgres import Database

OF_VOID = """
SELECT tick.price, c.price, c.new_price, new.price, new.voided_at
FROM tick_corrections AS c
JOIN market_ticks AS tick ON tick.ticked_at = c.voided_ticked_at AND tick.symbol = c.symbol
    AND tick.tick_id = c.voided_tick_id AND tick.voided_at IS NOT NULL
LEFT JOIN market_ticks AS new ON new.ticked_at = c.voided_ticked_at AND new.tick_id = c.new_tick_id
"""
UNEQUAL = """
SELECT bar.bar_at FROM bars_1m AS bar JOIN LATERAL (
    SELECT count(*) FILTER (WHERE voided_at IS NULL) AS trades, count(voided_at) AS voided,
        max(price) FILTER (WHERE voided_at IS NULL) AS high
    FROM market_ticks AS tick WHERE tick.kind = 'trade' AND tick.symbol = bar.symbol
        AND tick.ticked_at >= bar.bar_at AND tick.ticked_at < bar.bar_at + interval '1 minute'
) AS told ON true
WHERE (bar.trades, bar.voided, bar.high) IS DISTINCT FROM (told.trades, told.voided, told.high)
"""


@pytest.mark.parametrize("fault", ["cancel", "correct"])
def test_a_trade_that_is_taken_back_is_void_and_its_bar_is_made_again(
    market: Market, environment: dict[str, str], database: Database, fault: str
) -> None:
    surroundings = environment | {"ALPACA_PUBLISH": "all"}
    only = ("--only", "postgres:market_ticks", "--only", "postgres:tick-corrections", "--only", "bars")
    with Process(surroundings, "worker", "sink", *only) as sink:
        with running_feed("alpaca-crypto", surroundings):
            until(lambda: rows(database, "SELECT 1 FROM bars_1m"))
            market.strike("stream-frame", fault)
            until(lambda: rows(database, "SELECT 1 FROM tick_corrections WHERE voided_tick_id IS NOT NULL"))
        until(lambda: not rows(database, "SELECT 1 FROM bars_due") and not rows(database, UNEQUAL))
        assert sink.end()[0] == 0
    ((price, was, corrected_to, now, voided_at),) = _void(database)
    assert price == was
    assert corrected_to == now == (round(was + 0.5, 2) if fault == "correct" else None)
    assert voided_at is None
    assert rows(database, "SELECT sum(voided)::int FROM bars_1m") == [(1,)]


def _void(database: Database) -> list[tuple[Any, ...]]:
    found = rows(database, OF_VOID)
    return [tuple(round(v, 4) if isinstance(v, float) else v for v in row) for row in found]
