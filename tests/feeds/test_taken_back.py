"""What Alpaca takes back, in the words of its documentation and of its users' recordings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.msgpack import encode

from include.contracts.corrections import TickCorrection
from include.contracts.prices import Tick
from include.feeds import alpaca, history
from include.feeds.base import Body
from include.feeds.changes import Changes

NOW = datetime(2026, 11, 20, 20, tzinfo=UTC)
CORRECTION: dict[str, Any] = {
    **{"T": "c", "S": "EEM", "x": "M", "oi": 52983525033527, "op": 39.1582, "os": 440000, "oc": [" ", "7"]},
    **{"ci": 52983525034326, "cp": 39.1809, "cs": 440000, "cc": [" ", "7"], "z": "B"},
    "t": "2023-04-06T14:25:06.542305024Z",
}
CANCEL: dict[str, Any] = {
    **{"T": "x", "S": "GOOGL", "i": 465, "x": "D", "p": 105.31, "s": 300, "a": "C", "z": "C"},
    "t": "2023-04-06T13:15:42.83540958Z",
}


def read(*messages: Any, binary: bool = False) -> alpaca.Frame:
    frame = encode(list(messages)) if binary else msgspec.json.encode(list(messages)).decode()
    return alpaca.read(alpaca.STOCKS, frame, NOW)


@pytest.mark.parametrize("binary", [True, False])
def test_a_correction_says_the_trade_as_it_was_and_as_it_is(binary: bool) -> None:
    (found,) = read(CORRECTION, binary=binary).corrections
    assert (found.symbol, found.trade, found.price, found.size) == ("EEM", "52983525033527", 39.1582, 440000)
    assert (found.new_trade, found.new_price, found.new_size) == ("52983525034326", 39.1809, 440000)
    assert (found.new_conditions, found.exchange) == ((" ", "7"), "M")
    assert found.told_at == datetime(2023, 4, 6, 14, 25, 6, 542305, tzinfo=UTC)


def test_a_cancellation_says_which_trade_was_none() -> None:
    (found,) = read(CANCEL).corrections
    assert (found.symbol, found.trade, found.price, found.size) == ("GOOGL", "465", 105.31, 300)
    assert (found.new_trade, found.new_price, found.ticked_at) == (None, None, None)


def test_the_same_words_are_the_same_correction_and_others_are_another() -> None:
    again = read(CORRECTION, binary=True).corrections[0]
    others = [CORRECTION | {"cp": 39.2}, CORRECTION | {"oi": 1}, CORRECTION | {"S": "EEMS"}, CORRECTION | {"x": "D"}]
    ids = {read(each).corrections[0].correction_id for each in (CORRECTION, *others)}
    assert len(ids) == 5
    assert again.correction_id in ids


@pytest.mark.parametrize(
    "broken",
    [
        CORRECTION | {"cp": 0},
        CORRECTION | {"cp": None},
        CORRECTION | {"op": -1},
        CORRECTION | {"t": "2036-04-06T14:25:06Z"},
        CORRECTION | {"cc": ["\x00"]},
        CORRECTION | {"oi": None},
        CANCEL | {"p": "n/a"},
        CANCEL | {"x": "\x00"},
        {key: value for key, value in CANCEL.items() if key != "i"},
    ],
)
def test_one_that_nobody_can_apply_costs_itself_alone(broken: dict[str, Any]) -> None:
    found = read(broken, CANCEL)
    assert (len(found.corrections), len(found.unreadable)) == (1, 1)


def of_history(*trades: dict[str, Any]) -> history.Page:
    body = msgspec.json.encode({"trades": {"A": list(trades)}, "next_page_token": None})
    return history.read(alpaca.STOCKS, "trades", Body(body, NOW))


# As the vendor's own client has it in a test, recorded from its history.
CANCELLED = {
    **{"t": "2022-10-21T20:19:03.752176Z", "x": "D", "p": 129.88, "s": 5, "c": [" ", "T", "I"]},
    **{"i": 71697353758036, "z": "A", "u": "canceled"},
}


@pytest.mark.parametrize("word", ["canceled", "incorrect"])
def test_a_trade_of_the_history_that_stands_no_more_is_taken_back_and_is_no_tick(word: str) -> None:
    page = of_history(CANCELLED | {"u": word})
    (found,) = page.corrections
    assert page.ticks == ()
    assert found.ticked_at == datetime(2022, 10, 21, 20, 19, 3, 752176, tzinfo=UTC)
    assert (found.trade, found.price, found.size, found.exchange) == ("71697353758036", 129.88, 5, "D")


def test_the_trade_that_took_its_place_is_a_tick(word: str = "corrected") -> None:
    page = of_history(CANCELLED | {"u": word})
    assert (len(page.ticks), page.corrections) == (1, ())


def test_an_older_reader_knows_what_a_newer_writer_leaves_out() -> None:
    (found,) = read(CANCEL).corrections
    assert msgspec.json.decode(msgspec.json.encode(found), type=TickCorrection) == found
    assert b"new_price" not in msgspec.json.encode(found)


def test_after_a_trade_was_taken_back_the_next_one_is_news_whatever_its_price() -> None:
    changes = Changes()
    tick = Tick(schema_version=1, tick_id=1, feed="f", symbol="A", kind="trade", ticked_at=NOW, price=1.0)
    assert changes.changed(tick)
    assert not changes.changed(tick)
    changes.forget("A")
    assert changes.changed(tick)
