"""Recorded real answers, put in front of the generated ones: a stock that was recorded is answered as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from include.errors import ConfigurationError

Answer = dict[str, Any]


class Recorded:
    """What was recorded of Yahoo, by symbol; empty without a folder. Raises ConfigurationError.

    Newer quotes and summaries win over older ones; of statements all points are kept, the first
    recording's where two differ; of charts the longest.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.quotes: dict[str, Answer] = {}
        self.series: defaultdict[str, dict[str, Answer]] = defaultdict(dict)
        self.modules: defaultdict[str, Answer] = defaultdict(dict)
        self.charts: dict[str, Answer] = {}
        self.screens: dict[str, Answer] = {}
        if folder is not None:
            for kind, symbol, body in _answers(folder):
                self._add(kind, symbol, body)

    def _add(self, kind: str, symbol: str, body: Answer) -> None:
        if kind == "timeseries":
            for entry in body["timeseries"]["result"]:
                self._add_series(symbol, entry)
        elif kind == "quote":
            for quote in body["quoteResponse"]["result"]:
                known = self.quotes.get(quote["symbol"], {})
                if quote.get("regularMarketTime", 0) >= known.get("regularMarketTime", 0):
                    self.quotes[quote["symbol"]] = quote
        elif kind == "quotesummary":
            for name, module in (body["quoteSummary"]["result"] or [{}])[0].items():
                self.modules[symbol].setdefault(name, module)
        elif kind == "chart":
            found = body["chart"]["result"][0]
            if len(found.get("timestamp", ())) >= len(self.charts.get(symbol, {}).get("timestamp", ())):
                self.charts[symbol] = found
        elif kind == "screener":
            found = body["finance"]["result"][0]
            self.screens[found["canonicalName"].lower()] = found

    def _add_series(self, symbol: str, entry: Answer) -> None:
        name = entry["meta"]["type"][0]
        known = self.series[symbol].get(name, {})
        points = {point["asOfDate"]: (at, point) for at, point in _points(entry, name) if point}
        points |= {point["asOfDate"]: (at, point) for at, point in _points(known, name)}
        ordered = [points[day] for day in sorted(points)]
        merged: Answer = {"meta": {"symbol": [symbol], "type": [name]}}
        if ordered:
            merged |= {"timestamp": [at for at, _ in ordered], name: [point for _, point in ordered]}
        self.series[symbol][name] = merged

    def series_body(self, symbol: str, types: list[str], span: tuple[int, int]) -> bytes:
        """The statements of a recorded symbol; types that were not recorded have their ``meta`` only."""
        known = self.series[symbol]
        found = [_within(known.get(t) or {"meta": {"symbol": [symbol], "type": [t]}}, t, span) for t in types]
        return msgspec.json.encode({"timeseries": {"result": found, "error": None}})


def _points(entry: Answer, name: str) -> Iterator[tuple[int, Answer]]:
    yield from zip(entry.get("timestamp", ()), entry.get(name, ()), strict=True)


def _within(entry: Answer, name: str, span: tuple[int, int]) -> Answer:
    kept = [(at, point) for at, point in _points(entry, name) if span[0] <= at <= span[1]]
    if not kept:
        return {"meta": entry["meta"]}
    return {"meta": entry["meta"], "timestamp": [at for at, _ in kept], name: [point for _, point in kept]}


def _answers(folder: Path) -> Iterator[tuple[str, str, Answer]]:
    """Kind, symbol and body of every good answer, newest first within a kind."""
    manifest = folder / "manifest.json"
    try:
        entries: list[Answer] = msgspec.json.decode(manifest.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"{manifest} cannot be read ({error}); --recordings names a folder that has it"
        ) from None
    names = [entry["file"] for entry in entries if entry["file"].startswith("yahoo/")]
    symbols = {entry["file"]: entry.get("symbol") or "" for entry in entries}
    # Undated names are recordings of 2025 too; only those of 2021 are old.
    for name in sorted(names, key=lambda n: "/2021-" in n):
        kind = name.split("/")[1]
        if not name.endswith(".json") or kind not in ("timeseries", "quote", "quotesummary", "chart", "screener"):
            continue
        answer = msgspec.json.decode((folder / name).read_bytes())
        if answer["status"] == 200 and isinstance(answer["body"], dict):  # noqa: PLR2004  HTTP's own
            yield kind, symbols[name], answer["body"]
