"""What a vendor takes back is void in the table and gone from the bar, in whichever order the news comes."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from bar_trials import FEED, MINUTE, OVER, bar, figures, keep, trade

from include.contracts.corrections import TickCorrection, identify_correction
from include.contracts.prices import Tick
from include.stores import retention
from include.stores.corrections import CorrectionStore
from include.stores.postgres import Database
from include.workers.bars import make_bars

# 10 x 100 + 20 x 101 + 30 x 99.5 = 6005, over 60 shares
TRADES = [
    trade(5, 100.0, 10, trade=71),
    trade(20, 101.0, 20, trade=72),
    trade(40, 99.5, 30, trade=73),
]
TOLD_AT = MINUTE + timedelta(minutes=2)


def cancel(number: int = 72, price: float = 101.0, size: float | None = 20, **other: Any) -> TickCorrection:
    fields = {"feed": FEED, "symbol": "AAPL", "told_at": TOLD_AT} | other
    return identify_correction(TickCorrection(correction_id="", trade=str(number), price=price, size=size, **fields))


def correct(new_price: float, new_size: float, new_number: int = 1072, **other: Any) -> TickCorrection:
    """Trade 72 was of another price and size."""
    new = {"new_trade": str(new_number), "new_price": new_price, "new_size": new_size, "new_conditions": ("@",)}
    return identify_correction(msgspec.structs.replace(cancel(**other), **new))


def told(database: Database, *corrections: TickCorrection) -> None:
    assert CorrectionStore(database).write(corrections).refused == ()


def standing(database: Database) -> list[tuple[float, float]]:
    """Price and size of the trades that stand."""
    return _ticks(database, "voided_at IS NULL")


def void(database: Database) -> list[tuple[float, float]]:
    return _ticks(database, "voided_at IS NOT NULL")


def _ticks(database: Database, which: str) -> list[tuple[float, float]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT price, size FROM market_ticks WHERE {which} ORDER BY ticked_at, price")
        return list(cursor.fetchall())


def makes(database: Database) -> None:
    """Rounds of the maker, until nothing is left to do."""
    for _round in range(5):
        if not make_bars(database, at=OVER).changed:
            return
    raise AssertionError("the maker finds something to do in every round")


def test_a_cancelled_trade_is_void_and_in_no_bar(database: Database) -> None:
    keep(database, *TRADES)
    makes(database)
    assert figures(database) == (100.0, 101.0, 99.5, 99.5, 60.0, pytest.approx(6005 / 60), 3)
    told(database, cancel())
    makes(database)
    assert figures(database) == (100.0, 100.0, 99.5, 99.5, 40.0, 99.625, 2)  # (1000 + 2985) / 40
    assert (bar(database) or {})["voided"] == 1
    assert void(database) == [(101.0, 20.0)]


def test_a_corrected_trade_stands_in_the_place_of_the_old_one(database: Database) -> None:
    keep(database, *TRADES)
    told(database, correct(102.0, 25))
    makes(database)
    # 1000 + 25 x 102 + 2985 = 6535, over 65 shares
    assert figures(database) == (100.0, 102.0, 99.5, 99.5, 65.0, pytest.approx(6535 / 65), 3)
    assert (standing(database), void(database)) == ([(100.0, 10.0), (102.0, 25.0), (99.5, 30.0)], [(101.0, 20.0)])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_in_which_trade_correction_and_its_cancellation_come_changes_nothing(
    database: Database, order: tuple[int, ...]
) -> None:
    first = correct(102.0, 25)
    then = cancel(1072, 102.0, 25, told_at=TOLD_AT + timedelta(minutes=1))
    steps = [lambda: keep(database, *TRADES), lambda: told(database, first), lambda: told(database, then)]
    for position in order:
        steps[position]()
        makes(database)
    makes(database)
    assert standing(database) == [(100.0, 10.0), (99.5, 30.0)]
    assert figures(database) == (100.0, 100.0, 99.5, 99.5, 40.0, 99.625, 2)


def test_what_is_told_twice_is_done_once(database: Database) -> None:
    keep(database, *TRADES)
    for _time in range(2):
        told(database, correct(102.0, 25))
        makes(database)
        keep(database, *TRADES)
        makes(database)
    assert len(standing(database)) == 3
    assert len(void(database)) == 1


def test_a_trade_that_comes_late_is_void_when_it_comes(database: Database) -> None:
    keep(database, *TRADES[:1])
    told(database, cancel())
    makes(database)
    keep(database, *TRADES)
    makes(database)
    assert standing(database) == [(100.0, 10.0), (99.5, 30.0)]


def test_another_trade_of_the_same_price_and_size_stays(database: Database) -> None:
    alike = trade(21, 101.0, 20, trade=99)
    keep(database, *TRADES, alike)
    told(database, cancel())
    makes(database)
    assert standing(database).count((101.0, 20.0)) == 1
    assert void(database) == [(101.0, 20.0)]


def test_a_minute_whose_trades_were_all_taken_back_has_no_bar(database: Database) -> None:
    keep(database, TRADES[1])
    makes(database)
    assert figures(database) is not None
    told(database, cancel())
    makes(database)
    assert bar(database) is None


def test_a_bar_outlives_the_ticks_it_was_made_of_though_one_was_taken_back(database: Database) -> None:
    keep(database, *TRADES)
    told(database, cancel())
    makes(database)
    before = figures(database)
    with database.transaction() as connection:
        retention.drop_before(connection, "market_ticks", MINUTE + timedelta(days=2))
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bars_due (bar_at, feed, symbol) VALUES (%s, %s, 'AAPL')", [MINUTE, FEED])
    makes(database)
    assert figures(database) == before


def test_a_correction_of_the_conditions_alone_changes_the_tick_itself(database: Database) -> None:
    keep(database, *TRADES)
    told(database, correct(101.0, 20, 72, told_at=TOLD_AT))
    odd = msgspec.structs.replace(correct(101.0, 20, 72), new_conditions=("@", "I"), told_at=TOLD_AT + timedelta(1e-5))
    told(database, identify_correction(odd))
    makes(database)
    assert len(standing(database)) == 3
    # An odd lot sets no price.
    assert figures(database) == (100.0, 100.0, 99.5, 99.5, 60.0, pytest.approx(6005 / 60), 3)


@pytest.mark.parametrize("after_s", [20.0, 120.0])
@pytest.mark.parametrize("history_first", [True, False])
def test_the_corrected_trade_of_the_history_is_not_another_one(
    database: Database, after_s: float, history_first: bool
) -> None:
    """History may have it at the moment of the trade, or at that of the correction."""
    of_history: Tick = trade(after_s, 102.0, 25, trade=1072)
    keep(database, *TRADES)
    steps = [lambda: told(database, correct(102.0, 25)), lambda: keep(database, of_history)]
    for step in reversed(steps) if history_first else steps:
        step()
        makes(database)
    assert standing(database).count((102.0, 25.0)) == 1


def test_history_takes_a_trade_back_by_its_own_moment_however_long_ago_that_was(database: Database) -> None:
    keep(database, *TRADES)
    told(database, cancel(ticked_at=TRADES[1].ticked_at, told_at=TOLD_AT + timedelta(days=3)))
    makes(database)
    assert void(database) == [(101.0, 20.0)]


def test_what_can_never_be_a_row_is_refused_alone(database: Database) -> None:
    bad = [cancel(symbol="AA\0PL"), cancel(exchange="\0"), msgspec.structs.replace(cancel(), correction_id="x")]
    found = CorrectionStore(database).write([*bad, cancel()])
    assert (found.new, [refusal.position for refusal in found.refused]) == (1, [0, 1, 2])
