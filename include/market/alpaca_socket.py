"""Alpaca's side of one WebSocket, strict about order: connected, authenticated, subscribed, then ticks.

Written on ``websockets``' protocol without I/O, so that it can take over a connection of the market's own
server, TLS or not. Errors are told by number, as the vendor does; what ends a connection closes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol, cast

from websockets.exceptions import ProtocolError
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from include.market.alpaca_frames import Crowd, encoder, news, taken_back, text_or_binary
from include.market.tape import Tape
from include.market.wire import Request

# The library's own log shows what clients send, keys and all.
_wire = logging.getLogger(f"{__name__}.wire")
_wire.setLevel(logging.WARNING)

_AUTH_WITHIN_S = 10.0
_TELL_EVERY_S = 0.2
_LATE_BY_TICKS = 10
_NORMAL_CLOSURE = 1000
_TAKING_BACK = ("cancel", "correct")
_ERRORS = {
    400: "invalid syntax",
    401: "not authenticated",
    402: "auth failed",
    403: "already authenticated",
    404: "auth timeout",
    405: "symbol limit exceeded",
    406: "connection limit exceeded",
    500: "internal error",
}
_ENDING = (402, 404, 406)


class StreamRules(Protocol):
    """What the vendor decides for its sockets."""

    tape: Tape
    crowd: Crowd

    def signs_in(self, key: str, secret: str) -> bool:
        """Whether such a pair exists."""
        ...

    def symbol_limit(self, key: str) -> int:
        """How many symbols the key's plan allows."""
        ...

    def fault(self) -> str | None:
        """What goes wrong with the next frame of ticks, if anything."""
        ...


class AlpacaSocket(asyncio.Protocol):
    """One connection, from its upgrade to its end."""

    def __init__(self, rules: StreamRules, request: Request, ended: Callable[[], None]) -> None:
        self._rules = rules
        self._path = request.path
        self._ended = ended
        self._encode = encoder(request.headers.get("content-type", ""))
        self._socket = ServerProtocol(max_size=2**20, logger=_wire)
        self._handshake = request
        self._message = bytearray()
        self._key: str | None = None
        self._symbols: dict[str, set[str]] = {"trades": set(), "quotes": set()}
        self._told_ns = 0
        self._mute = False
        self._owed: str | None = None
        self._timers: list[asyncio.TimerHandle] = []

    def take_over(self, transport: asyncio.Transport) -> None:
        """Answer the upgrade and speak WebSocket from now on."""
        self._transport = transport
        transport.set_protocol(self)
        lines = [f"GET {self._handshake.target} HTTP/1.1", f"host: {self._handshake.host}"]
        lines += [f"{name}: {value}" for name, value in self._handshake.headers.items() if name != "host"]
        self._socket.receive_data(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        for event in self._socket.events_received():
            self._socket.send_response(self._socket.accept(cast("Any", event)))
        if self._socket.state is State.OPEN:
            self._say([{"T": "success", "msg": "connected"}])
            self._later(_AUTH_WITHIN_S, self._expect_key)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._socket.receive_data(data)
        for event in self._socket.events_received():
            if isinstance(event, Frame):
                self._frame(event)
        self._flush()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in self._timers:
            timer.cancel()
        if self._key is not None:
            self._rules.crowd.leave(self._path, self._key)
            self._key = None
        self._ended()

    def close(self) -> None:
        """End the connection now, without a farewell."""
        self._transport.abort()

    def _frame(self, frame: Frame) -> None:
        # A message may come in several frames, and alpaca-py's subscription does.
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._message[:] = frame.data
        elif frame.opcode is Opcode.CONT:
            self._message += frame.data
        else:
            return
        if frame.fin:
            self._hear(bytes(self._message))

    def _hear(self, message: bytes) -> None:
        said = text_or_binary(message)
        match said:
            case {"action": "auth", "key": str(key), "secret": str(secret)}:
                self._authenticate(key, secret)
            case {"action": "subscribe" | "unsubscribe" as action} if self._key is not None:
                self._subscribe(said, add=action == "subscribe")
            case {"action": "subscribe" | "unsubscribe"}:
                self._refuse(401)
            case _:
                self._refuse(400)

    def _authenticate(self, key: str, secret: str) -> None:
        if self._key is not None:
            self._refuse(403)
        elif not self._rules.signs_in(key, secret):
            self._refuse(402)
        elif not self._rules.crowd.enter(self._path, key):
            self._refuse(406)
        else:
            self._key = key
            self._say([{"T": "success", "msg": "authenticated"}])

    def _subscribe(self, said: dict[str, Any], *, add: bool) -> None:
        wanted = {channel: set(map(str, said.get(channel) or ())) for channel in self._symbols}
        after = {c: have | wanted[c] if add else have - wanted[c] for c, have in self._symbols.items()}
        if max(map(len, after.values())) > self._rules.symbol_limit(self._key or ""):
            self._refuse(405)
            return
        first = not any(self._symbols.values())
        self._symbols = after
        # What the vendor takes back comes with the trades, without being asked for.
        comes = after | dict.fromkeys(("corrections", "cancelErrors"), after["trades"])
        self._say([{"T": "subscription", "bars": [], **{c: sorted(s) for c, s in comes.items()}}])
        if first:
            self._told_ns = time.time_ns()
            self._later(_TELL_EVERY_S, self._tell)

    def _tell(self) -> None:
        """Every tick since the last time, and whatever the profile does to them."""
        now_ns = time.time_ns()
        ticks = news(self._rules.tape, self._symbols, self._told_ns, now_ns)
        self._told_ns = now_ns
        fault = self._rules.fault()
        if fault == "drop":
            self.close()
            return
        self._mute = self._mute or fault == "mute"
        if fault in _TAKING_BACK:
            self._owed = fault
        if ticks and not self._mute:
            if fault == "repeat":
                ticks += ticks[-3:]
            elif fault == "late":
                self._later(_TELL_EVERY_S * _LATE_BY_TICKS, self._say_and_flush, ticks[:1])
                ticks = ticks[1:]
            if ticks:
                self._say(ticks + self._take_back(ticks))
        self._flush()
        self._later(_TELL_EVERY_S, self._tell)

    def _take_back(self, ticks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What is to be said of a trade among ``ticks``; a frame without one leaves it to the next."""
        found = taken_back(ticks, corrected=self._owed == "correct") if self._owed else []
        if found:
            self._owed = None
        return found

    def _expect_key(self) -> None:
        if self._key is None:
            self._refuse(404)
            self._flush()

    def _refuse(self, code: int) -> None:
        self._say([{"T": "error", "code": code, "msg": _ERRORS[code]}])
        if code in _ENDING and self._socket.state is State.OPEN:
            self._socket.send_close(_NORMAL_CLOSURE)

    def _say_and_flush(self, messages: list[dict[str, Any]]) -> None:
        self._say(messages)
        self._flush()

    def _say(self, messages: list[dict[str, Any]]) -> None:
        if self._socket.state is State.OPEN:
            data, is_text = self._encode(messages)
            (self._socket.send_text if is_text else self._socket.send_binary)(data)

    def _flush(self) -> None:
        with contextlib.suppress(ProtocolError):
            for data in self._socket.data_to_send():
                if data:
                    self._transport.write(data)
                else:
                    self._transport.close()

    def _later(self, seconds: float, action: Callable[..., None], *arguments: Any) -> None:
        loop = asyncio.get_running_loop()
        self._timers = [timer for timer in self._timers if not timer.cancelled() and timer.when() > loop.time()]
        self._timers.append(loop.call_later(seconds, action, *arguments))
