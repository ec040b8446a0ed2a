"""A partition that is taken over goes on with the very windows that its last owner had."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.contracts.prices import Price, PriceMovement, Tick, TradingAsset, identify_tick
from include.transport.codec import encode
from include.workers.movements_partition import Partition
from include.workers.movements_reading import observed
from include.workers.movements_window import Rule

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
RULES = {"streamed": Rule(2.0, 300.0), "polled": Rule(5.0, 345_600.0)}
TICKS, PRICES, ASSETS = "market_ticks", "stock-prices", "trading-assets-market-data-v1"


def tick(after_s: float, price: float, symbol: str = "AAPL", **other: object) -> Tick:
    at = START + timedelta(seconds=after_s)
    found = Tick(
        **{"schema_version": 1, "tick_id": 0, "feed": "alpaca-stocks", "kind": "trade"} | other,
        symbol=symbol,
        ticked_at=at,
        price=price,
    )
    return identify_tick(found)


def price(price_at: datetime, observed_at: datetime, value: float) -> bytes:
    return encode(
        Price(
            price_id="", source="alpha-vantage", symbol="IBM", price=value, price_at=price_at, observed_at=observed_at
        )
    )


def fed(partition: Partition, values: list[bytes], start: int = 0) -> list[PriceMovement]:
    """What ``values`` cause from ``start`` on, each acknowledged; they are sent when they are of."""
    found = []
    for offset in range(start, len(values)):
        seen = observed(TICKS, values[offset], datetime.max.replace(tzinfo=UTC) - timedelta(days=2))
        movement = partition.observe(offset, seen.at if seen else START, values[offset])
        partition.done(offset)
        found += [] if movement is None else [movement]
    return found


# --- what is read ---


def test_a_trade_is_a_price_and_a_quote_is_none() -> None:
    seen = observed(TICKS, encode(tick(0, 100.0)), START)
    assert seen is not None
    assert (seen.source, seen.symbol, seen.at, seen.price) == ("alpaca-stocks", "AAPL", START, 100.0)
    assert observed(TICKS, encode(tick(0, 100.0, kind="quote")), START) is None


def test_a_trade_that_sets_no_price_is_none() -> None:
    assert observed(TICKS, encode(tick(0, 100.0, conditions=("@", "Z"))), START) is None


@pytest.mark.parametrize("wrong", [b"0", b"-1.5", b"null", b"NaN", b"1e999", b'"100"'])
def test_a_price_that_is_none_is_left_out(wrong: bytes) -> None:
    value = encode(tick(0, 100.5)).replace(b"100.5", wrong)
    assert wrong in value
    assert observed(TICKS, value, START) is None


@pytest.mark.parametrize("value", [None, b"", b"\xff\xfe", b"[]", b'{"symbol":1}', b"[" * 5000])
def test_what_is_no_message_is_left_to_the_sink(value: bytes | None) -> None:
    assert observed(TICKS, value, START) is None


def test_a_moment_that_has_not_come_is_left_out() -> None:
    value = encode(tick(3600, 100.0))
    assert observed(TICKS, value, START) is None
    assert observed(TICKS, value, START + timedelta(hours=1)) is not None


def test_a_price_of_a_day_is_of_when_we_were_told_and_of_that_day_at_the_latest() -> None:
    friday = datetime(2026, 3, 6, tzinfo=UTC)
    told_at = friday + timedelta(hours=15)
    seen = observed(PRICES, price(friday, told_at, 180.0), told_at)
    assert seen is not None
    assert (seen.source, seen.at) == ("alpha-vantage", told_at)
    on_sunday = observed(PRICES, price(friday, friday + timedelta(days=2), 180.0), friday + timedelta(days=2))
    assert on_sunday is not None
    assert on_sunday.at == friday + timedelta(days=1)


def test_a_price_of_a_moment_is_of_that_moment() -> None:
    close = datetime(2026, 3, 6, 21, tzinfo=UTC)
    seen = observed(PRICES, price(close, close + timedelta(hours=9), 180.0), close + timedelta(hours=9))
    assert seen is not None
    assert seen.at == close


def test_a_brazilian_asset_is_a_price_of_brapi() -> None:
    asset = TradingAsset(ticker="PETR4", name=None, short_name=None, price=48.93, volume=None, updated_at=START)
    seen = observed(ASSETS, encode(asset), START)
    assert seen is not None
    assert (seen.source, seen.symbol, seen.at, seen.price) == ("brapi", "PETR4", START, 48.93)


# --- what a partition makes of it ---


def test_a_movement_says_what_moved_from_when_to_when() -> None:
    (found,) = fed(Partition(TICKS, RULES), [encode(tick(0, 100.0)), encode(tick(60, 97.0))])
    assert (found.source, found.symbol, found.window_s, found.percent) == ("alpaca-stocks", "AAPL", 300.0, -3.0)
    assert (found.price_before, found.price_after) == (100.0, 97.0)
    assert (found.moved_from_at, found.moved_to_at) == (START, START + timedelta(seconds=60))
    assert found.movement_id


def test_polled_prices_have_a_window_and_a_threshold_of_their_own() -> None:
    friday, monday = datetime(2026, 3, 6, 21, tzinfo=UTC), datetime(2026, 3, 9, 21, tzinfo=UTC)
    partition = Partition(PRICES, RULES)
    values = [price(at, at + timedelta(minutes=1), value) for at, value in ((friday, 100.0), (monday, 105.0))]
    found = [
        partition.observe(n, at, value) for n, (at, value) in enumerate(zip((friday, monday), values, strict=True))
    ]
    assert [m and (m.source, m.percent, m.window_s) for m in found] == [None, ("alpha-vantage", 5.0, 345_600.0)]


def test_symbols_do_not_mix() -> None:
    values = [encode(tick(n, 100.0 * (1 + n % 2), "AB"[n % 2])) for n in range(20)]
    assert fed(Partition(TICKS, RULES), values) == []


def test_windows_that_have_passed_are_forgotten() -> None:
    partition = Partition(TICKS, RULES)
    fed(partition, [encode(tick(0, 100.0, f"S{n}")) for n in range(50)] + [encode(tick(301, 100.0))])
    assert partition.symbols == 51
    assert partition.committable() == (51, 50)
    assert partition.symbols == 1


def test_a_clock_that_is_ahead_makes_no_other_window_old() -> None:
    partition = Partition(TICKS, {"streamed": Rule(2.0, 60.0)})
    partition.observe(0, START, encode(tick(0, 100.0)))
    partition.observe(1, START, encode(tick(200, 100.0, "FAST")))
    partition.done(1)
    partition.committable()
    assert partition.observe(2, START + timedelta(seconds=30), encode(tick(30, 102.0))) is not None


def test_who_has_not_read_all_of_the_windows_again_commits_nothing() -> None:
    values = [encode(tick(n, 100.0)) for n in range(5)]
    partition = Partition(TICKS, RULES, 4)
    fed(partition, values[:3])
    assert partition.committable() is None
    fed(partition, values, 3)
    assert partition.committable() == (5, 0)


streams = st.lists(
    st.tuples(st.integers(0, 40), st.integers(94, 106), st.sampled_from(["AAPL", "MSFT", "IBM"])), max_size=60
)


@given(streams, st.data())
def test_a_restart_anywhere_changes_no_movement(steps: list[tuple[int, int, str]], data: st.DataObject) -> None:
    at, values = 0, []
    for wait_s, value, symbol in steps:
        at += wait_s
        values.append(encode(tick(at, float(value), symbol)))
    expected = fed(Partition(TICKS, RULES), values)

    told: list[PriceMovement] = []
    position = first = kills = 0
    while position < len(values):
        ends = data.draw(st.integers(position + 1, len(values)))
        partition = Partition(TICKS, RULES, position)
        partition.told = frozenset((m.source, m.symbol, m.moved_to_at, m.price_after) for m in told)
        told += fed(partition, values[:ends], first)
        committed = partition.committable()
        assert committed is not None
        if kills < 3 and data.draw(st.booleans()):
            kills += 1  # before it could commit: all of it comes again
        else:
            position, first = committed
    assert {m.movement_id for m in told} == {m.movement_id for m in expected}
    assert set(told) == set(expected)
