"""Brapi: quotes of B3, several at once for those who pay."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from include.market.plans import Plans, Window, is_listed, outage
from include.market.tape import Tape, last_session
from include.market.vendor import Asked
from include.market.wire import Reply, Request, json_reply

_PATH = "/api/quote/"
_MONTH_S = 31 * 86_400.0
_TOKEN = "O seu token é inválido, por favor, verifique o seu token em brapi.dev/dashboard"  # noqa: S105  its words
_USED_UP = (
    "Você atingiu o limite de requisições para o seu plano. "
    "Por favor, considere fazer um upgrade para um plano melhor em brapi.dev/dashboard"
)
_ONE_BY_ONE = "O seu plano permite 1 ativo por requisição."
_NONE_FOUND = "Nenhum resultado encontrado para os simbolos informados"


class Brapi:
    """The vendor; used by the server's one thread. One ticker per request and 15,000 a month on the free plan."""

    name = "brapi"
    hosts = ("brapi.dev",)

    def __init__(self, tape: Tape, moment: datetime) -> None:
        self._tape = tape
        self._moment = moment
        self._plans = Plans((Window(15_000, _MONTH_S),))

    def asked(self, request: Request) -> Asked:
        """The kind by path; see ``include.market.vendor``."""
        if not request.path.startswith(_PATH):
            return Asked("other", subject=request.path)
        tickers = tuple(t for t in request.path.removeprefix(_PATH).split(",") if t)
        return Asked("brapi-quote", tickers, ",".join(tickers))

    def answer(self, request: Request, asked: Asked) -> Reply:
        """The answer when all is well."""
        token = request.query.get("token") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self._plans.accepts(token):
            return _error(401, _TOKEN)
        if asked.kind != "brapi-quote" or not asked.symbols:
            return _error(404, "Not found")
        if self._plans.exceeded(token) is not None:
            return _error(402, _USED_UP)
        if len(asked.symbols) > 1 and self._plans.is_free(token):
            return _error(403, _ONE_BY_ONE, "FEATURE_NOT_AVAILABLE")
        if not all(map(is_listed, asked.symbols)):
            return _error(404, _NONE_FOUND, "NOT_FOUND")
        return self._quotes(asked.symbols)

    def refuse(self, fault: str, request: Request, asked: Asked) -> Reply | None:
        """Brapi's own wording of a fault."""
        busy = {"error": True, "message": "Muitas requisições", "code": "RATE_LIMITED"}
        busy_reply = json_reply(busy | {"details": {"concurrencyLimit": 1}}, 429)
        match fault:
            case "429" | "rate-limited":
                return busy_reply
            case "429-retry-after":
                return Reply(429, busy_reply.body, busy_reply.content_type, (("Retry-After", "1"),))
            case "refusal-200":
                return json_reply({"error": True, "message": _USED_UP.partition(".")[0]})
            case "missing-fields":
                return self._without_price(request, asked)
            case _:
                return outage(fault)

    def _quotes(self, tickers: tuple[str, ...]) -> Reply:
        return json_reply(
            {
                "results": [self._quote(ticker) for ticker in tickers],
                "requestedAt": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "took": "12ms",
            }
        )

    def _quote(self, ticker: str) -> dict[str, Any]:
        bar = self._tape.day(ticker, last_session(self._moment))
        return {
            "symbol": ticker,
            "shortName": ticker,
            "longName": f"{ticker.title()} S.A.",
            "currency": "BRL",
            "regularMarketPrice": bar.close,
            "regularMarketDayHigh": bar.high,
            "regularMarketDayLow": bar.low,
            "regularMarketChange": round(bar.close - bar.open, 2),
            "regularMarketChangePercent": round(100 * (bar.close / bar.open - 1), 2),
            "regularMarketTime": bar.closes_at.astimezone(UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "regularMarketVolume": bar.volume,
            "regularMarketPreviousClose": bar.open,
            "regularMarketOpen": bar.open,
            "marketCap": int(bar.close * bar.volume * 50),
            "fiftyTwoWeekLow": bar.low,
            "fiftyTwoWeekHigh": bar.high,
            "logourl": f"https://icons.brapi.dev/icons/{ticker}.svg",
        }

    def _without_price(self, request: Request, asked: Asked) -> Reply:
        reply = self.answer(request, asked)
        body = msgspec.json.decode(reply.body)
        for quote in body.get("results", [])[:1]:
            del quote["regularMarketPrice"]
        return json_reply(body, reply.status)


def _error(status: int, message: str, code: str | None = None) -> Reply:
    body: dict[str, Any] = {"error": True, "message": message}
    return json_reply(body | ({"code": code} if code else {}), status)
