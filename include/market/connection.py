"""One connection to the local market: a proxy's CONNECT, TLS ended here, HTTP/1.1 inside.

A protocol instead of streams: no task per connection, one write per answer.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Protocol, cast

import msgspec

from include.market.wire import Malformed, Reply, Request, json_reply, take_request

_MAX_BUFFER = 2 * 1024 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Outcome(msgspec.Struct, frozen=True):
    """What happens to a request: ``reply`` after ``delay_s``; ``ending`` says how, if not well.

    ``reset`` ends the connection without an answer, ``truncated`` in the middle of one.
    """

    reply: Reply | None
    delay_s: float = 0.0
    ending: str | None = None


class Desk(Protocol):
    """Whom a connection asks."""

    tls: ssl.SSLContext

    def tunnel_refusal(self, host: str) -> Reply | None:
        """Why nobody plays ``host`` here; None if somebody does."""
        ...

    def outcome(self, request: Request, *, secure: bool) -> Outcome:
        """What happens to ``request``."""
        ...

    def socket(self, request: Request, ended: Callable[[], None]) -> Socket | None:
        """Who takes over after the upgrade that ``request`` wants, and calls ``ended`` in the end; None if nobody."""
        ...


class Socket(Protocol):
    """A protocol that takes over a connection after an upgrade."""

    def take_over(self, transport: asyncio.Transport) -> None:
        """Speak something else than HTTP from now on."""
        ...


class Connections:
    """The open connections of a server. One that is made while they are being closed is closed too."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._closing = False

    def add(self, connection: Connection) -> None:
        """Count one in."""
        self._open.add(connection)
        if self._closing:
            connection.close()

    def discard(self, connection: Connection) -> None:
        """Count one out."""
        self._open.discard(connection)

    def close(self) -> None:
        """Close all, those to come as well."""
        self._closing = True
        for connection in list(self._open):
            connection.close()


class Connection(asyncio.Protocol):
    """Answers one request after the other, in order."""

    def __init__(self, desk: Desk, connections: Connections) -> None:
        self._desk = desk
        self._connections = connections
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._tunnel_host: str | None = None
        self._answering: asyncio.TimerHandle | None = None
        self._upgrading: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._transport = None
        if self._answering is not None:
            self._answering.cancel()

    def eof_received(self) -> bool:
        return False

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _MAX_BUFFER:
            self.close()
        elif self._answering is None and self._upgrading is None:
            self._advance()

    def close(self) -> None:
        """End the connection now."""
        if self._transport is not None:
            self._transport.abort()

    def _advance(self) -> None:
        while self._transport is not None and self._answering is None and self._upgrading is None:
            try:
                request = take_request(self._buffer, self._tunnel_host)
            except Malformed as error:
                self._end_with(json_reply({"error": str(error)}, error.status))
                return
            if request is None:
                return
            self._serve(request)

    def _serve(self, request: Request) -> None:
        if request.method == "CONNECT":
            refusal = self._desk.tunnel_refusal(request.host)
            if refusal is not None:
                self._end_with(refusal)
            else:
                self._upgrading = asyncio.get_running_loop().create_task(self._upgrade(request.host))
            return
        if request.headers.get("upgrade", "").lower() == "websocket" and self._transport is not None:
            successor = self._desk.socket(request, lambda: self.connection_lost(None))
            if successor is not None:
                successor.take_over(self._transport)
                return
        outcome = self._desk.outcome(request, secure=self._tunnel_host is not None)
        if outcome.delay_s > 0:
            loop = asyncio.get_running_loop()
            self._answering = loop.call_later(outcome.delay_s, self._finish_late, request, outcome)
        else:
            self._finish(request, outcome)

    async def _upgrade(self, host: str) -> None:
        transport = self._transport
        if transport is None:
            return
        # Nothing may be read between our 200 and the handshake: it would be taken for HTTP.
        transport.pause_reading()
        transport.write(_ESTABLISHED)
        try:
            tunnel = await asyncio.get_running_loop().start_tls(
                transport, self, self._desk.tls, server_side=True, ssl_handshake_timeout=30
            )
        except (OSError, ssl.SSLError, TimeoutError):
            transport.abort()
            return
        finally:
            self._upgrading = None
        self._transport = tunnel
        self._tunnel_host = host
        if tunnel is not None:
            self._advance()

    def _finish_late(self, request: Request, outcome: Outcome) -> None:
        self._answering = None
        self._finish(request, outcome)
        self._advance()

    def _finish(self, request: Request, outcome: Outcome) -> None:
        if self._transport is None:
            return
        if outcome.reply is None or outcome.ending == "reset":
            self._reset()
            return
        keeps_alive = request.keeps_alive and outcome.ending is None
        rendered = outcome.reply.render(keeps_alive=keeps_alive, with_body=request.method != "HEAD")
        if outcome.ending == "truncated":
            rendered = rendered[: len(rendered) - max(1, len(outcome.reply.body) // 2)]
        self._transport.write(rendered)
        if not keeps_alive:
            self._transport.close()

    def _end_with(self, reply: Reply) -> None:
        if self._transport is not None:
            self._transport.write(reply.render(keeps_alive=False))
            self._transport.close()

    def _reset(self) -> None:
        if self._transport is not None:
            # Closing with a linger time of zero sends a reset instead of a farewell.
            tcp = self._transport.get_extra_info("socket")
            if tcp is not None:
                tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._transport.abort()
