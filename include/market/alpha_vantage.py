"""Alpha Vantage: the latest quote of a symbol. It never answers anything but 200."""

from __future__ import annotations

from datetime import datetime

import msgspec

from include.market.plans import Plans, Window, is_listed, outage
from include.market.tape import Tape, last_session
from include.market.vendor import Asked
from include.market.wire import Reply, Request, json_reply

_INVALID = (
    "Invalid API call. Please retry or visit the documentation (https://www.alphavantage.co/documentation/) "
    "for GLOBAL_QUOTE."
)
_NO_KEY = (
    "the parameter apikey is invalid or missing. Please claim your free API key on "
    "(https://www.alphavantage.co/support/#api-key). It should take less than 20 seconds."
)
_BURST = (
    "Thank you for using Alpha Vantage! Please consider spreading out your free API requests more sparingly "
    "(1 request per second). You may subscribe to any of the premium plans to lift the free key rate limit "
    "(25 requests per day)."
)
_MINUTE = (
    "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute and 25 calls per day."
)


class AlphaVantage:
    """The vendor; used by the server's one thread. 1 a second, 5 a minute, 25 a day on the free plan."""

    name = "alpha-vantage"
    hosts = ("www.alphavantage.co",)

    def __init__(self, tape: Tape, moment: datetime) -> None:
        self._tape = tape
        self._session = last_session(moment)
        self._plans = Plans((Window(25, 86_400, "day"), Window(1, 1, "second"), Window(5, 60, "minute")))

    def asked(self, request: Request) -> Asked:
        """The kind by function; see ``include.market.vendor``."""
        symbol = request.query.get("symbol", "")
        if request.path == "/query" and request.query.get("function") == "GLOBAL_QUOTE" and symbol:
            return Asked("global-quote", (symbol,), symbol)
        return Asked("other", subject=request.path)

    def answer(self, request: Request, asked: Asked) -> Reply:
        """The answer when all is well."""
        key = request.query.get("apikey", "")
        if not self._plans.accepts(key):
            return json_reply({"Error Message": _NO_KEY})
        if asked.kind != "global-quote":
            return json_reply({"Error Message": _INVALID})
        match self._plans.exceeded(key):
            case "day":
                return json_reply({"Information": _spent(key)})
            case "second":
                return json_reply({"Information": _BURST})
            case "minute":
                return json_reply({"Note": _MINUTE})
            case _:
                return json_reply({"Global Quote": self._quote(asked.symbols[0])})

    def refuse(self, fault: str, request: Request, asked: Asked) -> Reply | None:
        """Alpha Vantage's own wording of a fault: there is no 429."""
        match fault:
            case "429" | "429-retry-after" | "rate-limited":
                return json_reply({"Information": _BURST})
            case "refusal-200":
                return json_reply({"Information": _spent(request.query.get("apikey", ""))})
            case "missing-fields":
                return self._without_price(request, asked)
            case _:
                return outage(fault)

    def _quote(self, symbol: str) -> dict[str, str]:
        if not is_listed(symbol):
            return {}
        bar = self._tape.day(symbol, self._session)
        return {
            "01. symbol": symbol,
            "02. open": f"{bar.open:.4f}",
            "03. high": f"{bar.high:.4f}",
            "04. low": f"{bar.low:.4f}",
            "05. price": f"{bar.close:.4f}",
            "06. volume": str(bar.volume),
            "07. latest trading day": self._session.isoformat(),
            "08. previous close": f"{bar.open:.4f}",
            "09. change": f"{bar.close - bar.open:.4f}",
            "10. change percent": f"{100 * (bar.close / bar.open - 1):.4f}%",
        }

    def _without_price(self, request: Request, asked: Asked) -> Reply:
        body = msgspec.json.decode(self.answer(request, asked).body)
        body.get("Global Quote", {}).pop("05. price", None)
        return json_reply(body)


def _spent(key: str) -> str:
    return (
        f"We have detected your API key as {key} and our standard API rate limit is 25 requests per day. Please "
        "subscribe to any of the premium plans at https://www.alphavantage.co/premium/ to instantly remove all daily "
        "rate limits."
    )
