"""Yahoo, under its own host names: what each path answers, and how strictly.

Requests are counted as ``cookie crumb consent page page-rows screener quote exchange-rate fundamentals
summary chart spark other``; an ``exchange-rate`` is a quote request for currency pairs alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from include.market.vendor import Asked
from include.market.wire import HTML, Reply, Request, json_reply
from include.market.world.rates import pair_of
from include.market.world.world import World
from include.market.yahoo import refusals
from include.market.yahoo.adopted import companies
from include.market.yahoo.chart import Charts
from include.market.yahoo.consent import CONSENT, FINANCE, GUCE, Consent
from include.market.yahoo.page import ROWS_PATH, Page
from include.market.yahoo.quotes import Quotes
from include.market.yahoo.recorded import Recorded
from include.market.yahoo.screen import BadQuery, Screen, Screener
from include.market.yahoo.session import Session
from include.market.yahoo.site import Site, whole
from include.market.yahoo.summary import Summaries
from include.market.yahoo.timeseries import Timeseries

FC = "fc.yahoo.com"
QUERY_HOSTS = ("query1.finance.yahoo.com", "query2.finance.yahoo.com")

_TIMESERIES = re.compile(r"/ws/fundamentals-timeseries/v1/finance/timeseries/(.*)")
_SUMMARY = re.compile(r"/v10/finance/quoteSummary/(.*)")
_CHART = re.compile(r"/v8/finance/chart/(.*)")
_QUOTE, _SPARK, _CRUMB = "/v7/finance/quote", "/v7/finance/spark", "/v1/test/getcrumb"
_SCREENER, _SAVED = "/v1/finance/screener", "/v1/finance/screener/predefined/saved"

# Without a crumb these are refused; the others mind one only if it is sent.
_NEEDS_CRUMB = ("quote", "exchange-rate", "summary", "screener")


class Yahoo:
    """The vendor; used by the server's one thread."""

    name = "yahoo"
    hosts = (FC, *QUERY_HOSTS, FINANCE, GUCE, CONSENT, "www.yahoo.com")

    def __init__(self, world: World, recordings: Path | None = None) -> None:
        self._session = Session(world.seed)
        self._consent = Consent(self._session)
        self._recorded = Recorded(recordings)
        for company in companies(self._recorded):
            world.adopt(company)
        self._quotes = Quotes(world, self._recorded)
        self._timeseries = Timeseries(world)
        self._screener = Screener(world, self._quotes)
        self._charts = Charts(world, self._quotes)
        self._summaries = Summaries(world, self._quotes)
        self._site = Site(Page(self._quotes, world.seed), self._screener, self._consent)
        self._answers: dict[str, Callable[[Request, Asked], Reply]] = {
            "cookie": self._cookie,
            "crumb": lambda request, asked: self._session.crumb_reply(request),
            "consent": lambda request, asked: self._consent.answer(request),
            "page": lambda request, asked: self._site.page(request),
            "page-rows": lambda request, asked: self._site.rows(request),
            "screener": self._screen,
            "quote": self._quote,
            "exchange-rate": self._quote,
            "fundamentals": self._fundamentals,
            "summary": self._summary,
            "chart": self._chart,
            "spark": self._spark,
        }

    def asked(self, request: Request) -> Asked:
        """The kind by host and path; see ``include.market.vendor``."""
        path = request.path
        if request.host == FC:
            return Asked("cookie")
        if request.host in (GUCE, CONSENT):
            return Asked("consent", subject=path)
        if request.host == FINANCE:
            return Asked("page-rows" if path == ROWS_PATH else "page", subject=request.target)
        for kind, pattern in (("fundamentals", _TIMESERIES), ("summary", _SUMMARY), ("chart", _CHART)):
            match = pattern.fullmatch(path)
            if match is not None:
                return Asked(kind, (match[1],), match[1])
        if path in (_QUOTE, _SPARK):
            symbols = tuple(s for s in request.query.get("symbols", "").split(",") if s)
            is_rate = bool(symbols) and all(pair_of(s) or s.endswith("=X") for s in symbols)
            kind = "spark" if path == _SPARK else "exchange-rate" if is_rate else "quote"
            return Asked(kind, symbols, ",".join(symbols))
        if path in (_SCREENER, _SAVED):
            return Asked("screener", subject=request.body.decode("utf-8", "replace"))
        return Asked("crumb" if path == _CRUMB else "other", subject=path)

    def answer(self, request: Request, asked: Asked) -> Reply:
        """The answer when all is well."""
        if asked.kind not in self._answers:
            return refusals.not_found(request)
        if request.host in QUERY_HOSTS and asked.kind != "crumb":
            refused = self._session.refusal(request, required=asked.kind in _NEEDS_CRUMB)
            if refused is not None:
                return refused
        return self._answers[asked.kind](request, asked)

    def refuse(self, fault: str, request: Request, asked: Asked) -> Reply | None:
        """Yahoo's own wording of a fault."""
        if fault in refusals.ALTERED:
            return refusals.ALTERED[fault](self.answer(request, asked))
        if fault == "consent":
            return self._consent.begin(request)
        if fault == "rate-limited" and zlib.crc32(asked.subject.encode()) % 2:
            return refusals.worded("429-retry-after")
        return refusals.worded(fault)

    def _cookie(self, request: Request, asked: Asked) -> Reply:
        return Reply(404, b"", HTML, (("Set-Cookie", self._session.cookie()),))

    def _fundamentals(self, request: Request, asked: Asked) -> Reply:
        symbol = asked.symbols[0]
        if not symbol or "," in symbol or symbol != request.query.get("symbol", symbol):
            return refusals.unknown("finance", f"Quote not found for ticker symbol: {symbol.replace(' ', ',')}")
        types = [name for name in request.query.get("type", "").split(",") if name]
        if not types:
            return Reply(200, self._timeseries.shares_body(symbol))
        begin, end = (whole(request.query.get(name)) for name in ("period1", "period2"))
        span = (-(2**62) if begin is None else begin, 2**62 if end is None else end)
        if symbol in self._recorded.series:
            return Reply(200, self._recorded.series_body(symbol, types, span))
        padded = request.query.get("padTimeSeries") == "true"
        return Reply(200, self._timeseries.body(symbol, types, span, padded=padded))

    def _quote(self, request: Request, asked: Asked) -> Reply:
        if not asked.symbols:
            return refusals.bad_request("quoteResponse", 'Missing value for the "symbols" argument')
        return Reply(200, self._quotes.body(asked.symbols))

    def _summary(self, request: Request, asked: Asked) -> Reply:
        modules = [name for name in request.query.get("modules", "").split(",") if name]
        as_formatted = request.query.get("formatted", "true") != "false"
        known = self._recorded.modules.get(asked.symbols[0], {})
        if any(name in known for name in modules):
            found = {name: known[name] for name in modules if name in known}
            return json_reply({"quoteSummary": {"result": [found], "error": None}})
        result = self._summaries.result(asked.symbols[0], modules, as_formatted=as_formatted)
        if result is None:
            return refusals.unknown("quoteSummary", f"Quote not found for symbol: {asked.symbols[0]}")
        if not result:
            named = ",".join(modules)
            return refusals.unknown("quoteSummary", f"No fundamentals data found for any of the summaryTypes={named}")
        return json_reply({"quoteSummary": {"result": [result], "error": None}})

    def _chart(self, request: Request, asked: Asked) -> Reply:
        result = self._recorded.charts.get(asked.symbols[0])
        if result is None:
            result = self._charts.chart(asked.symbols[0], request.query)
        if result is None:
            return refusals.unknown("chart", "No data found, symbol may be delisted")
        return json_reply({"chart": {"result": [result], "error": None}})

    def _spark(self, request: Request, asked: Asked) -> Reply:
        found = [self._charts.spark(symbol, request.query) for symbol in asked.symbols]
        return json_reply({"spark": {"result": [spark for spark in found if spark], "error": None}})

    def _screen(self, request: Request, asked: Asked) -> Reply:
        try:
            if request.path == _SAVED and request.query.get("scrIds") in self._recorded.screens:
                found = self._recorded.screens[request.query["scrIds"]]
                return json_reply({"finance": {"result": [found], "error": None}})
            if request.path == _SAVED:
                screen = refusals.saved_screen(request.query)
            else:
                screen = msgspec.json.decode(request.body, type=Screen)
            return Reply(200, self._screener.body(screen))
        except (msgspec.DecodeError, BadQuery) as error:
            return refusals.bad_request("finance", str(error))
