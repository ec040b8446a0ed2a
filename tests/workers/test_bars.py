"""Bars are made of all trades of their minute, in whichever order those come."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from bar_trials import FEED, MINUTE, OVER, WORKED, bar, figures, heard, keep, lacks, trade, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.contracts.prices import Tick
from include.stores import bars
from include.stores.postgres import Database
from include.stores.ticks import TickStore
from include.workers.bars import make_bars


def test_a_bar_is_what_a_person_computes_from_its_trades(database: Database) -> None:
    keep(database, *WORKED)
    make_bars(database, at=OVER)
    # 10 x 100 + 20 x 101 + 30 x 99.5 + 40 x 100.5 = 1000 + 2020 + 2985 + 4020 = 10025, over 100 shares
    assert figures(database) == (100.0, 101.0, 99.5, 100.5, 100.0, 100.25, 4)


def test_what_the_store_of_ticks_writes_becomes_bars(database: Database) -> None:
    recent = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)
    ticks = [msgspec.structs.replace(t, ticked_at=recent + (t.ticked_at - MINUTE)) for t in WORKED]
    store = TickStore(database)
    store.write(ticks[2:])
    make_bars(database)
    store.write(ticks)
    make_bars(database)
    found = bar(database, at=recent)
    assert found is not None
    assert (found["open"], found["close"], found["volume"], found["trades"]) == (100.0, 100.5, 100.0, 4)


def test_a_late_trade_changes_the_bar_of_its_own_minute(database: Database) -> None:
    keep(database, *WORKED[:1], *WORKED[2:3], trade(60, 500.0, 1))
    make_bars(database, at=OVER)
    assert figures(database) == (100.0, 100.0, 99.5, 99.5, 40.0, 99.625, 2)  # (1000 + 2985) / 40
    keep(database, *WORKED)
    make_bars(database, at=OVER)
    assert figures(database) == (100.0, 101.0, 99.5, 100.5, 100.0, 100.25, 4)


def test_the_same_ticks_again_change_nothing(database: Database) -> None:
    keep(database, *WORKED)
    make_bars(database, at=OVER)
    before = figures(database)
    keep(database, *WORKED)
    make_bars(database, at=OVER)
    assert figures(database) == before


def test_trades_of_one_moment_are_ordered_by_their_ids(database: Database) -> None:
    together = sorted((trade(1, price, trade=n) for n, price in enumerate((7.0, 8.0, 9.0))), key=lambda t: t.tick_id)
    for tick in reversed(together):
        keep(database, tick)
        make_bars(database, at=OVER)
    found = bar(database)
    assert found is not None
    assert (found["open"], found["close"]) == (together[0].price, together[-1].price)


def test_a_volume_that_nobody_told_is_not_zero(database: Database) -> None:
    keep(database, trade(1, 10.0, None), trade(2, 11.0, None))
    make_bars(database, at=OVER)
    assert figures(database) == (10.0, 11.0, 10.0, 11.0, None, None, 2)
    assert "sizeless" in lacks(database)


def test_a_trade_without_a_size_makes_the_volume_a_lower_bound(database: Database) -> None:
    heard(database)
    keep(database, trade(1, 10.0, 5), trade(2, 12.0, None))
    make_bars(database, at=OVER)
    assert figures(database) == (10.0, 12.0, 10.0, 12.0, 5.0, 10.0, 2)
    assert lacks(database) == ["sizeless"]


def test_a_volume_of_zero_has_no_mean_price(database: Database) -> None:
    keep(database, trade(1, 10.0, 0))
    make_bars(database, at=OVER)
    assert figures(database) == (10.0, 10.0, 10.0, 10.0, 0.0, None, 1)


def test_an_odd_lot_counts_in_the_volume_and_sets_no_price(database: Database) -> None:
    keep(
        database,
        trade(1, 90.0, 5, conditions=("@", "I")),
        trade(2, 100.0, 100),
        trade(3, 120.0, 5, conditions=("@", "I")),
    )
    make_bars(database, at=OVER)
    # (450 + 10000 + 600) / 110
    assert figures(database) == (100.0, 100.0, 100.0, 100.0, 110.0, 11050 / 110, 3)


def test_a_minute_of_odd_lots_alone_has_their_prices(database: Database) -> None:
    keep(database, trade(1, 90.0, 5, conditions=("I",)), trade(2, 91.0, 5, conditions=("I",)))
    make_bars(database, at=OVER)
    assert figures(database) == (90.0, 91.0, 90.0, 91.0, 10.0, 90.5, 2)


def test_quotes_make_no_bar(database: Database) -> None:
    keep(database, trade(1, 10.0, kind="quote"))
    assert make_bars(database, at=OVER).changed == 0
    assert bar(database) is None


def test_each_symbol_and_feed_has_its_own_bar(database: Database) -> None:
    keep(
        database, trade(1, 10.0), trade(2, 20.0, symbol="MSFT"), trade(3, 30.0, feed="alpaca-crypto", symbol="BTC/USD")
    )
    assert make_bars(database, at=OVER).changed == 3
    assert [figures(database, s) for s in ("AAPL", "MSFT", "BTC/USD")] == [
        (price, price, price, price, 1.0, price, 1) for price in (10.0, 20.0, 30.0)
    ]


def test_sums_beyond_all_numbers_cost_their_own_bar_alone(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    keep(database, trade(1, 1e300, 1e300, symbol="HUGE"), trade(1, 10.0))
    made = make_bars(database, at=OVER)
    assert [due.symbol for due in made.failed] == ["HUGE"]
    (said,) = [record.getMessage() for record in caplog.records if record.name == "include.workers.bars"]
    assert said.startswith(f"the bar of HUGE of {FEED} at 2026-03-02T14:30:00+00:00 cannot be made: ")
    assert "market_ticks" in said
    assert "\n" not in said
    assert figures(database) == (10.0, 10.0, 10.0, 10.0, 1.0, 10.0, 1)
    assert make_bars(database, at=OVER).failed == ()


def test_a_bar_whose_ticks_have_gone_is_kept(database: Database) -> None:
    keep(database, *WORKED)
    make_bars(database, at=OVER)
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_ticks")
    keep(database, trade(30, 1.0))
    make_bars(database, at=OVER)
    assert figures(database) == (100.0, 101.0, 99.5, 100.5, 100.0, 100.25, 4)


def test_ticks_that_are_written_while_their_bar_is_made_are_in_the_next_one(database: Database) -> None:
    keep(database, WORKED[0])
    with database.transaction() as writer:
        write(writer, WORKED[1:])
        make_bars(database, at=OVER)
        assert figures(database) == (100.0, 100.0, 100.0, 100.0, 10.0, 100.0, 1)
    make_bars(database, at=OVER)
    assert figures(database) == (100.0, 101.0, 99.5, 100.5, 100.0, 100.25, 4)


def test_one_maker_is_at_work_at_a_time_and_a_crash_leaves_the_list(database: Database) -> None:
    keep(database, *WORKED)
    with pytest.raises(RuntimeError), database.transaction() as dying:
        assert bars.take_turn(dying)
        assert bars.take_due(dying, 10)[0]
        assert make_bars(database, at=OVER).changed == 0
        raise RuntimeError("killed")
    assert make_bars(database, at=OVER).changed == 1


def test_more_than_one_transaction_s_worth_is_said(database: Database) -> None:
    keep(database, *(trade(60 * n, 10.0) for n in range(5)))
    assert make_bars(database, at=OVER, limit=4).more
    assert bar(database, at=MINUTE) is None  # the newest minutes come first
    assert not make_bars(database, at=OVER, limit=4).more
    assert bar(database, at=MINUTE) is not None


ticks = st.lists(
    st.builds(
        trade,
        st.integers(0, 179),
        st.floats(0.01, 1e5, allow_nan=False),
        st.one_of(st.none(), st.floats(0, 1e6, allow_nan=False)),
        trade=st.integers(0, 3),
        symbol=st.sampled_from(["AAPL", "MSFT"]),
        conditions=st.sampled_from([("@",), ("@", "I"), ()]),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda tick: tick.tick_id,
)


def all_bars(database: Database) -> list[tuple[Any, ...]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT bar_at, symbol, open, high, low, close, volume, vwap, trades, partial_because"
            " FROM bars_1m ORDER BY bar_at, symbol"
        )
        return list(cursor.fetchall())


def forget(database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM market_ticks; DELETE FROM bars_1m; DELETE FROM bars_due")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=ticks, data=st.data())
def test_the_order_of_arrival_changes_no_bar(database: Database, found: list[Tick], data: st.DataObject) -> None:
    later = OVER + timedelta(minutes=5)
    forget(database)
    keep(database, *sorted(found, key=lambda t: (t.ticked_at, t.tick_id)))
    make_bars(database, at=later)
    expected = all_bars(database)
    forget(database)
    for tick in data.draw(st.permutations(found + found[:5])):
        keep(database, tick)
        if data.draw(st.booleans()):
            make_bars(database, at=later)
    make_bars(database, at=later)
    assert all_bars(database) == expected
    volumes = [row[6] for row in expected if row[6] is not None]
    assert math.isclose(sum(volumes), sum(t.size for t in found if t.size is not None), rel_tol=1e-12)
    assert sum(row[8] for row in expected) == len(found)
    for _, _, open_, high, low, close, volume, vwap, *_ in expected:
        assert low <= open_ <= high
        assert low <= close <= high
        assert volume is None or volume >= 0
        assert vwap is None or vwap > 0
