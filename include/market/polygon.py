"""Polygon, under both of its names: the previous bar and the reference of a ticker."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

import msgspec

from include.market.plans import Plans, Window, is_listed, outage
from include.market.tape import Tape, last_session
from include.market.vendor import Asked
from include.market.wire import Reply, Request, json_reply

_PREVIOUS = re.compile(r"/v2/aggs/ticker/([^/]+)/prev")
_REFERENCE = re.compile(r"/v3/reference/tickers/([^/]+)")
_TOO_MANY = (
    "You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue. "
    "https://polygon.io/pricing"
)


class Polygon:
    """The vendor; used by the server's one thread. Five requests a minute on the free plan."""

    name = "polygon"
    hosts = ("api.polygon.io", "api.massive.com")

    def __init__(self, tape: Tape, moment: datetime) -> None:
        self._tape = tape
        self._session = last_session(moment)
        self._plans = Plans((Window(5, 60),))

    def asked(self, request: Request) -> Asked:
        """The kind by path; see ``include.market.vendor``."""
        for kind, pattern in (("previous-bar", _PREVIOUS), ("reference", _REFERENCE)):
            if match := pattern.fullmatch(request.path):
                return Asked(kind, (match[1],), match[1])
        return Asked("other", subject=request.path)

    def answer(self, request: Request, asked: Asked) -> Reply:
        """The answer when all is well."""
        key = request.query.get("apiKey") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self._plans.accepts(key):
            return _error(request, 401, "Unknown API Key")
        if self._plans.exceeded(key) is not None:
            return _error(request, 429, _TOO_MANY)
        if asked.kind == "previous-bar":
            return json_reply(self._previous_bar(request, asked.symbols[0]))
        if asked.kind == "reference":
            return self._reference(request, asked.symbols[0])
        return json_reply({"status": "NOT_FOUND", **_id(request), "message": "Not found."}, 404)

    def refuse(self, fault: str, request: Request, asked: Asked) -> Reply | None:
        """Polygon's own wording of a fault."""
        match fault:
            case "429" | "rate-limited":
                return _error(request, 429, _TOO_MANY)
            case "429-retry-after":
                refused = _error(request, 429, _TOO_MANY)
                return Reply(refused.status, refused.body, refused.content_type, (("Retry-After", "1"),))
            case "refusal-200":
                return _error(request, 200, _TOO_MANY)
            case "missing-fields":
                return self._without_close(request, asked)
            case _:
                return outage(fault)

    def _previous_bar(self, request: Request, symbol: str) -> dict[str, Any]:
        body: dict[str, Any] = {"ticker": symbol, "queryCount": 0, "resultsCount": 0, "adjusted": True}
        if is_listed(symbol):
            bar = self._tape.day(symbol, self._session)
            result = {
                "T": symbol,
                "v": float(bar.volume),
                "vw": round((bar.high + bar.low + bar.close) / 3, 4),
                "o": bar.open,
                "c": bar.close,
                "h": bar.high,
                "l": bar.low,
                "t": int(bar.closes_at.timestamp() * 1000),
                "n": bar.volume // 90,
            }
            body |= {"queryCount": 1, "resultsCount": 1, "results": [result], "count": 1}
        return body | {"status": "OK", **_id(request)}

    def _reference(self, request: Request, symbol: str) -> Reply:
        if not is_listed(symbol):
            return json_reply({"status": "NOT_FOUND", **_id(request), "message": "Ticker not found."}, 404)
        bar = self._tape.day(symbol, self._session)
        results = {
            "ticker": symbol,
            "name": f"{symbol.title()} Incorporated",
            "market": "stocks",
            "locale": "us",
            "primary_exchange": "XNAS",
            "type": "CS",
            "active": True,
            "currency_name": "usd",
            "market_cap": bar.close * bar.volume * 40,
            "share_class_shares_outstanding": bar.volume * 40,
            "weighted_shares_outstanding": bar.volume * 40,
        }
        return json_reply({"results": results, "status": "OK", **_id(request)})

    def _without_close(self, request: Request, asked: Asked) -> Reply:
        reply = self.answer(request, asked)
        body = msgspec.json.decode(reply.body)
        for result in body.get("results", []) if asked.kind == "previous-bar" else ():
            del result["c"]
        return json_reply(body, reply.status)


def _error(request: Request, status: int, message: str) -> Reply:
    return json_reply({"status": "ERROR", **_id(request), "error": message}, status)


def _id(request: Request) -> dict[str, str]:
    return {"request_id": hashlib.blake2b(request.path.encode(), digest_size=16).hexdigest()}
