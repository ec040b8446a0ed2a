"""Ticks as Alpaca words them, msgpack or JSON, and who is connected."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from include.market.tape import Tape, TapeTick

Encode = Callable[[list[dict[str, Any]]], tuple[bytes, bool]]

_TIMESTAMP = -1


class Crowd:
    """Who is connected: one connection per key and stream."""

    def __init__(self) -> None:
        self._there: set[tuple[str, str]] = set()

    def enter(self, path: str, key: str) -> bool:
        """Whether the key may have a connection to that stream now; it has one then."""
        if (path, key) in self._there:
            return False
        self._there.add((path, key))
        return True

    def leave(self, path: str, key: str) -> None:
        """The connection is gone."""
        self._there.discard((path, key))


def encoder(content_type: str) -> Encode:
    """How messages are written to a client that sent this Content-Type: msgpack if it says so, else JSON."""
    return _as_msgpack if "msgpack" in content_type else _as_json


def text_or_binary(message: bytes) -> Any:
    """What a client said, in either spelling; None if it is neither."""
    for decode in (msgspec.msgpack.decode, msgspec.json.decode):
        try:
            return decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return None


def news(tape: Tape, symbols: Mapping[str, set[str]], since_ns: int, until_ns: int) -> list[dict[str, Any]]:
    """The ticks of all subscribed symbols between two times, in order of time."""
    every = symbols["trades"] | symbols["quotes"]
    ticks = [
        tick
        for symbol in every
        for tick in tape.between(symbol, since_ns, until_ns)
        if symbol in symbols["trades" if tick.is_trade else "quotes"]
    ]
    return [worded(tick) for tick in sorted(ticks, key=lambda tick: tick.at_ns)]


def worded(tick: TapeTick) -> dict[str, Any]:
    """A tick as a message of the stream; its time is in nanoseconds since the epoch."""
    if tick.is_trade:
        own = {"T": "t", "i": tick.number, "x": "V", "p": tick.price, "s": tick.size, "c": ["@"], "z": "C"}
    else:
        sides = {"bx": "V", "bp": tick.bid, "bs": tick.size, "ax": "V", "ap": tick.ask, "as": tick.size}
        own = {"T": "q", **sides, "c": ["R"], "z": "C"}
    return own | {"S": tick.symbol, "t": tick.at_ns}


def taken_back(ticks: Sequence[dict[str, Any]], *, corrected: bool) -> list[dict[str, Any]]:
    """The message that the last trade of ``ticks`` was none, or was of another price; none without a trade."""
    trade = next((tick for tick in reversed(ticks) if tick["T"] == "t"), None)
    if trade is None:
        return []
    same = {"S": trade["S"], "x": trade["x"], "z": trade["z"], "t": trade["t"] + 10**6}
    if not corrected:
        return [same | {"T": "x", "i": trade["i"], "p": trade["p"], "s": trade["s"], "a": "C"}]
    old = {"oi": trade["i"], "op": trade["p"], "os": trade["s"], "oc": trade["c"]}
    new = {"ci": trade["i"] + 10**12, "cp": round(trade["p"] + 0.5, 2), "cs": trade["s"], "cc": trade["c"]}
    return [same | {"T": "c"} | old | new]


def stamp(at_ns: int) -> str:
    """A time as the vendor's JSON spells it: nine decimals and a Z."""
    seconds, nanoseconds = divmod(at_ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"


def _as_msgpack(messages: list[dict[str, Any]]) -> tuple[bytes, bool]:
    return msgspec.msgpack.encode([_with_time(message, _extension) for message in messages]), False


def _as_json(messages: list[dict[str, Any]]) -> tuple[bytes, bool]:
    return msgspec.json.encode([_with_time(message, stamp) for message in messages]), True


def _with_time(message: dict[str, Any], spelled: Callable[[int], Any]) -> dict[str, Any]:
    return message | {"t": spelled(message["t"])} if "t" in message else message


def _extension(at_ns: int) -> msgspec.msgpack.Ext:
    seconds, nanoseconds = divmod(at_ns, 10**9)
    return msgspec.msgpack.Ext(_TIMESTAMP, struct.pack(">Q", nanoseconds << 34 | seconds))
