"""Alpaca: streams of trades and quotes by WebSocket, and the same by REST for a time gone by.

Its clients take no proxy, so its paths are served under the market's own address too.
"""

from __future__ import annotations

import heapq
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec

from include.market.alpaca_frames import Crowd, stamp, worded
from include.market.alpaca_socket import AlpacaSocket
from include.market.plans import Plans, Window, is_listed, outage
from include.market.tape import Tape
from include.market.vendor import Asked
from include.market.wire import Reply, Request, json_reply

STREAMS = ("/v2/iex", "/v1beta3/crypto/us")
_HISTORY = re.compile(r"/(?:v2/stocks|v1beta3/crypto/us)/(trades|quotes)")
_FREE_SYMBOLS = 30
_UNLIMITED = 10_000
_LARGEST_PAGE = 10_000


class Alpaca:
    """The vendor; used by the server's one thread. ``draw`` says what goes wrong with a frame of ticks."""

    name = "alpaca"
    hosts = ("data.alpaca.markets", "stream.data.alpaca.markets")

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.crowd = Crowd()
        self._plans = Plans((Window(200, 60),))
        self._draw: Callable[[], str | None] = lambda: None

    def strikes_with(self, draw: Callable[[], str | None]) -> None:
        """Let ``draw`` say what goes wrong with the next frame of ticks."""
        self._draw = draw

    def serves(self, request: Request) -> bool:
        """Whether a path is this vendor's, under whatever host."""
        return request.path in STREAMS or _HISTORY.fullmatch(request.path) is not None

    def upgraded(self, request: Request, ended: Callable[[], None]) -> AlpacaSocket | None:
        """The socket that takes over the connection of an upgrade; None for paths without one."""
        return AlpacaSocket(self, request, ended) if request.path in STREAMS else None

    def signs_in(self, key: str, secret: str) -> bool:
        return self._plans.accepts(key) and self._plans.accepts(secret)

    def symbol_limit(self, key: str) -> int:
        return _FREE_SYMBOLS if self._plans.is_free(key) else _UNLIMITED

    def fault(self) -> str | None:
        return self._draw()

    def asked(self, request: Request) -> Asked:
        """The kind by path; see ``include.market.vendor``."""
        match = _HISTORY.fullmatch(request.path)
        symbols = tuple(s for s in request.query.get("symbols", "").split(",") if s)
        return Asked("history", symbols, request.target) if match else Asked("other", subject=request.path)

    def answer(self, request: Request, asked: Asked) -> Reply:
        """The answer when all is well."""
        key, secret = (request.headers.get(name, "") for name in ("apca-api-key-id", "apca-api-secret-key"))
        if not self.signs_in(key, secret):
            return json_reply({"message": "forbidden."}, 403)
        if self._plans.exceeded(key) is not None:
            return json_reply({"message": "too many requests."}, 429)
        match = _HISTORY.fullmatch(request.path)
        if match is None:
            return json_reply({"message": "endpoint not found."}, 404)
        if not asked.symbols or not all(map(is_listed, asked.symbols)):
            return json_reply({"message": f"invalid symbol: {','.join(asked.symbols)}"}, 400)
        try:
            return json_reply(self._history(match[1], asked.symbols, request.query))
        except ValueError as error:
            return json_reply({"message": f"invalid parameter: {error}"}, 400)

    def refuse(self, fault: str, request: Request, asked: Asked) -> Reply | None:
        """Alpaca's own wording of a fault."""
        match fault:
            case "429" | "429-retry-after" | "rate-limited":
                headers = (("Retry-After", "1"),) if fault == "429-retry-after" else ()
                return Reply(429, b'{"message":"too many requests."}', headers=headers)
            case "refusal-200":
                return json_reply({"code": 42910000, "message": "rate limit exceeded"})
            case "missing-fields":
                return self._without_prices(request, asked)
            case _:
                return outage(fault)

    def _history(self, channel: str, symbols: tuple[str, ...], query: dict[str, str]) -> dict[str, Any]:
        since_ns = max(_nanoseconds(query.get("start")), int(query.get("page_token", "0")))
        until_ns = min(_nanoseconds(query.get("end")), time.time_ns())
        limit = min(int(query.get("limit", "1000")), _LARGEST_PAGE)
        trades = channel == "trades"
        tapes = (self.tape.between(symbol, since_ns, until_ns) for symbol in dict.fromkeys(symbols))
        merged = (tick for tick in heapq.merge(*tapes, key=lambda tick: tick.at_ns) if tick.is_trade is trades)
        ticks = list(islice(merged, limit + 1))
        page: dict[str, list[dict[str, Any]]] = {}
        for tick in ticks[:limit]:
            said = worded(tick) | {"t": stamp(tick.at_ns)}
            page.setdefault(tick.symbol, []).append({k: v for k, v in said.items() if k not in ("T", "S")})
        return {channel: page, "next_page_token": str(ticks[limit].at_ns) if len(ticks) > limit else None}

    def _without_prices(self, request: Request, asked: Asked) -> Reply:
        reply = self.answer(request, asked)
        body = msgspec.json.decode(reply.body)
        for ticks in body.get("trades", {}).values():
            for tick in ticks[::3]:
                del tick["p"]
        return json_reply(body, reply.status)


def _nanoseconds(text: str | None) -> int:
    moment = datetime.fromisoformat(text) if text else datetime.now(UTC)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000
