"""What Alpaca's frames say: ticks with ids that their history repeats, and errors by number."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.msgpack import Ext, encode

from include.contracts.prices import Tick
from include.errors import ConfigurationError, StocksError, Transient
from include.feeds import history
from include.feeds.alpaca import STOCKS, Frame, failure, read
from include.feeds.alpaca_messages import Error, Subscription, Success
from include.feeds.base import Body
from include.feeds.changes import Changes

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT_NS = 1795255199_123456789
AT = Ext(-1, struct.pack(">Q", (AT_NS % 10**9) << 34 | AT_NS // 10**9))
TRADE: dict[str, Any] = {"T": "t", "S": "AAPL", "i": 52983, "x": "V", "p": 156.8, "s": 3, "c": ["@", "I"], "z": "C"}
QUOTE: dict[str, Any] = {"T": "q", "S": "AAPL", "bx": "V", "bp": 10.0, "bs": 4, "ax": "V", "ap": 10.5, "as": 2, "c": []}


def frame(*messages: Any) -> Frame:
    return read(STOCKS, encode(list(messages)), NOW)


def test_a_trade_and_a_quote_are_ticks() -> None:
    trade, quote = frame(TRADE | {"t": AT}, QUOTE | {"t": AT}).ticks
    assert (trade.kind, trade.price, trade.size, trade.exchange, trade.conditions) == (
        "trade",
        156.8,
        3,
        "V",
        ("@", "I"),
    )
    assert trade.ticked_at == datetime(2026, 11, 21, 9, 59, 59, 123457, tzinfo=UTC)
    assert (quote.kind, quote.price, quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (
        "quote",
        10.25,
        10.0,
        4,
        10.5,
        2,
    )


def test_texts_are_read_like_binaries() -> None:
    text = msgspec.json.encode([TRADE | {"t": "2026-11-21T09:59:59.123456789Z"}]).decode()
    assert read(STOCKS, text, NOW).ticks == frame(TRADE | {"t": AT}).ticks


def test_the_history_of_a_trade_and_of_a_quote_repeats_their_ids() -> None:
    stamp = "2026-11-21T09:59:59.123456789Z"
    for channel, message in (("trades", TRADE), ("quotes", QUOTE)):
        fields = {name: value for name, value in message.items() if name not in ("T", "S")} | {"t": stamp}
        answer = msgspec.json.encode({channel: {"AAPL": [fields]}, "next_page_token": None})
        page = history.read(STOCKS, channel, Body(answer, NOW))  # type: ignore[arg-type]
        assert page.ticks == frame(message | {"t": AT}).ticks
        assert page.next_page is None


def test_one_side_without_an_offer_leaves_the_other_as_price() -> None:
    (quote,) = frame(QUOTE | {"t": AT, "bp": 0}).ticks
    assert (quote.price, quote.bid, quote.ask) == (10.5, None, 10.5)


def test_a_bad_message_costs_itself_and_not_its_frame() -> None:
    found = frame(
        {"T": "t", "S": "AAPL"},
        TRADE | {"t": AT},
        7,
        QUOTE | {"t": AT, "bp": 0, "ap": 0},
        TRADE | {"t": AT, "p": "high"},
        TRADE | {"t": Ext(-1, struct.pack(">Q", 9_999_999_999))},
    )
    assert len(found.ticks) == 1
    assert len(found.unreadable) == 5


def test_what_was_never_asked_for_is_passed_over() -> None:
    assert frame({"T": "b", "S": "AAPL", "o": 1.0}, {"T": "o", "S": "BTC/USD"}) == Frame()


def test_controls_are_told_apart() -> None:
    found = frame({"T": "success", "msg": "connected"}, {"T": "subscription", "trades": ["A"], "bars": []})
    assert found.controls == (Success("connected"), Subscription(["A"], []))


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (402, ConfigurationError, "APCA_API_KEY_ID"),
        (405, ConfigurationError, "ALPACA_STOCKS"),
        (409, ConfigurationError, "ALPACA_STREAM_URL"),
        (406, Transient, "another process"),
        (407, Transient, "too slowly"),
        (404, Transient, "404"),
        (500, Transient, "500"),
        (999, Transient, "999"),
    ],
)
def test_errors_are_named_by_what_happens_next(code: int, kind: type[StocksError], words: str) -> None:
    found = failure(STOCKS, Error(code, "said so"), "ALPACA_STOCKS")
    assert type(found) is kind
    assert words in str(found)


@settings(max_examples=400, deadline=None)
@given(
    content=st.binary(max_size=120)
    | st.text(max_size=60)
    | st.lists(
        st.dictionaries(
            st.sampled_from(["T", "S", "p", "s", "t", "bp", "ap", "code", "msg", "trades"]),
            st.none() | st.sampled_from(["t", "q", "error", "success", "AAPL", "b"]) | st.floats() | st.integers(-1, 9),
        ),
        max_size=4,
    ).map(encode)
)
def test_no_frame_crashes_the_reader(content: bytes | str) -> None:
    try:
        found = read(STOCKS, content, NOW)
    except Transient:
        return
    for tick in found.ticks:
        assert msgspec.json.decode(msgspec.json.encode(tick), type=Tick) == tick


def test_only_changes_of_price_are_news() -> None:
    changes = Changes()
    trades = [
        frame(TRADE | {"t": AT, "p": price, "i": number}).ticks[0] for number, price in enumerate((1, 1, 2, 2, 1))
    ]
    assert [changes.changed(tick) for tick in trades] == [True, False, True, False, True]
    (other,) = frame(TRADE | {"t": AT, "p": 1, "S": "MSFT"}).ticks
    assert changes.changed(other)


@pytest.mark.parametrize("none", [{}, None, {"AAPL": None}, {"AAPL": []}])
def test_a_time_without_trades_is_an_empty_page(none: Any) -> None:
    answer = msgspec.json.encode({"trades": none, "next_page_token": None})
    assert history.read(STOCKS, "trades", Body(answer, NOW)) == history.Page(())


@pytest.mark.parametrize("answer", [{}, {"message": "slow down"}, {"trades": None, "message": "slow down"}])
def test_a_history_without_its_channel_is_a_refusal(answer: dict[str, Any]) -> None:
    with pytest.raises(Transient):
        history.read(STOCKS, "trades", Body(msgspec.json.encode(answer), NOW))
