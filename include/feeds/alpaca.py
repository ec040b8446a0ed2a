"""Alpaca's stream and history, pure: what to say, and what was said.

Frames are msgpack arrays of messages, times in them msgpack Timestamps; documentation of 2025 speaks of
JSON texts, which are read alike. One message that cannot be read costs itself, never its frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from include.contracts.corrections import TickCorrection
from include.contracts.prices import Tick
from include.errors import ConfigurationError, Permanent, StocksError, Transient
from include.feeds.alpaca_messages import (
    Cancel,
    Control,
    Correction,
    Error,
    Message,
    Quote,
    Trade,
    correction,
    tick,
)
from include.feeds.hours import Hours, extended


class Stream(msgspec.Struct, frozen=True):
    """One of Alpaca's streams: where it is, where its history is, when it trades (ISO 10383, None always).

    ``data_feed`` is named in requests for history where one must be chosen. Trades come from ``early`` before the
    calendar's open until ``late`` after its close.
    """

    name: str
    path: str
    history: str
    calendar: str | None
    data_feed: str | None = None
    early: timedelta = timedelta()
    late: timedelta = timedelta()

    def trades(self, hours: Hours) -> Hours:
        """When ticks may come, given the ``hours`` of the calendar."""
        return extended(hours, self.early, self.late)


# From four in the morning until eight in the evening, or four hours after an early close.
STOCKS = Stream(
    "alpaca-stocks", "/v2/iex", "/v2/stocks", "XNYS", "iex", timedelta(hours=5, minutes=30), timedelta(hours=4)
)
CRYPTO = Stream("alpaca-crypto", "/v1beta3/crypto/us", "/v1beta3/crypto/us", None)


_binary = msgspec.msgpack.Decoder(list[msgspec.Raw])
_binary_message: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_text = msgspec.json.Decoder(list[msgspec.Raw])
_text_message: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_KNOWN_BUT_UNUSED = frozenset("budolsni")


class Frame(msgspec.Struct, frozen=True):
    """What one frame said; ``unreadable`` are reasons, one for each message that had to be left out."""

    ticks: tuple[Tick, ...] = ()
    corrections: tuple[TickCorrection, ...] = ()
    controls: tuple[Control, ...] = ()
    unreadable: tuple[str, ...] = ()


def authenticate(key_id: str, secret: str) -> bytes:
    """The message that signs in."""
    return msgspec.msgpack.encode({"action": "auth", "key": key_id, "secret": secret})


def subscribe(symbols: Sequence[str]) -> bytes:
    """The message that asks for trades and quotes of ``symbols``."""
    return msgspec.msgpack.encode({"action": "subscribe", "trades": list(symbols), "quotes": list(symbols)})


def read(stream: Stream, frame: bytes | str, received_at: datetime) -> Frame:
    """What ``frame`` says. Raises Transient if it is no list of messages at all."""
    binary = isinstance(frame, bytes)
    messages: Any = _binary_message if binary else _text_message
    try:
        raws = _binary.decode(frame) if isinstance(frame, bytes) else _text.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Transient(f"{stream.name} sent a frame that is no list of messages: {error}") from None
    ticks: list[Tick] = []
    corrections: list[TickCorrection] = []
    controls: list[Control] = []
    unreadable: list[str] = []
    for raw in raws:
        try:
            message: Message = messages.decode(raw)
            if isinstance(message, Trade | Quote):
                ticks.append(tick(stream.name, message.S, message, received_at))
            elif isinstance(message, Cancel | Correction):
                corrections.append(correction(stream.name, message, received_at))
            else:
                controls.append(message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Permanent) as error:
            if not _unused(raw, binary):
                unreadable.append(str(error))
    return Frame(tuple(ticks), tuple(corrections), tuple(controls), tuple(unreadable))


def failure(stream: Stream, error: Error, symbols_variable: str) -> StocksError:
    """What an error of the stream means for whoever runs the feed."""
    said = f"{stream.name} answered {error.code} ({error.msg})"
    match error.code:
        case 402:
            return ConfigurationError(f"APCA_API_KEY_ID and APCA_API_SECRET_KEY are refused: {said}")
        case 405:
            return ConfigurationError(f"{symbols_variable} names more symbols than the plan allows: {said}")
        case 408 | 409 | 410:
            return ConfigurationError(
                f"the plan does not include this stream; set ALPACA_STREAM_URL to another: {said}"
            )
        case 406:
            return Transient(
                f"another process holds the one connection that the key allows: {said}", source=stream.name
            )
        case 407:
            return Transient(f"this process read too slowly and was cut off: {said}")
        case _:
            return Transient(said)


class _Tag(msgspec.Struct):
    T: str = ""


def _unused(raw: msgspec.Raw, binary: bool) -> bool:
    """Whether the message is of a kind that we never asked for (bars, order books, halts)."""
    try:
        tag = msgspec.msgpack.decode(raw, type=_Tag) if binary else msgspec.json.decode(raw, type=_Tag)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return tag.T in _KNOWN_BUT_UNUSED
