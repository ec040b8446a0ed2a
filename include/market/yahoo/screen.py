"""The screener: which companies a query finds, in which order."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from include.market.world.company import Company
from include.market.world.world import World
from include.market.yahoo.quotes import Quotes

MAX_SIZE = 250
_DEFAULT_SIZE = 25
_KEPT_LISTS = 200


class BadQuery(Exception):
    """A query that the real screener refuses too."""


class Query(msgspec.Struct, frozen=True):
    """A node: operands are nodes below AND and OR, a field and its values below everything else."""

    operator: str
    operands: list[Any]


class Screen(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a screener request; ``size`` wins over ``count``."""

    query: Query
    offset: int = 0
    size: int | None = None
    count: int | None = None
    sort_field: str = "intradaymarketcap"
    sort_type: str = "DESC"
    quote_type: str = "EQUITY"

    @property
    def limit(self) -> int:
        """How many quotes are wanted."""
        if self.size is not None:
            return self.size
        return _DEFAULT_SIZE if self.count is None else self.count


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq, "GT": operator.gt, "GTE": operator.ge, "LT": operator.lt, "LTE": operator.le,
}  # fmt: skip


class Screener:
    """Finds companies; a list that was found is kept for its further pages."""

    def __init__(self, world: World, quotes: Quotes) -> None:
        self._world = world
        self._quotes = quotes
        self._found = lru_cache(_KEPT_LISTS)(self._find)

    def find(self, query: Query, sort_field: str, sort_type: str) -> Sequence[Company]:
        """All companies of ``query``, sorted; those without the sorted value come last. Raises BadQuery."""
        return self._found(msgspec.json.encode(query), sort_field, sort_type.upper())

    def body(self, screen: Screen) -> bytes:
        """One page of quotes, as v1/finance/screener answers it. Raises BadQuery."""
        if not 0 <= screen.limit <= MAX_SIZE:
            raise BadQuery(f"size must be between 0 and {MAX_SIZE}")
        found: Sequence[Company] = ()
        if screen.quote_type.upper() == "EQUITY":
            found = self.find(screen.query, screen.sort_field, screen.sort_type)
        page = found[screen.offset : screen.offset + screen.limit]
        quotes = b",".join(self._quotes.rendered(company.symbol) for company in page)
        head = f'{{"finance":{{"result":[{{"start":{screen.offset},"count":{len(page)},"total":{len(found)},"quotes":['
        return head.encode() + quotes + b'],"useRecords":false}],"error":null}}'

    def _find(self, query: bytes, sort_field: str, sort_type: str) -> Sequence[Company]:
        node = msgspec.json.decode(query, type=Query)
        matches = self._predicate(node)
        found = [company for company in self._candidates(node) if matches(company)]
        value = self._value(sort_field)
        with_value = [(value(c), c.symbol, c) for c in found if value(c) is not None]
        with_value.sort(key=lambda row: row[:2], reverse=sort_type == "DESC")
        without = sorted((c for c in found if value(c) is None), key=lambda c: c.symbol)
        return [row[2] for row in with_value] + without

    def _candidates(self, node: Query) -> Iterable[Company]:
        """Only the regions that a query names, where it names any: making a region takes time."""
        regions = _regions(node)
        if regions is None:
            return self._world.everywhere()
        return [company for code in sorted(regions) for company in self._world.region(code).values()]

    def _predicate(self, node: Query) -> Callable[[Company], bool]:
        name = node.operator.upper()
        if name in ("AND", "OR"):
            parts = [self._predicate(part) for part in _nodes(node)]
            combine = all if name == "AND" else any
            return lambda company: combine(part(company) for part in parts)
        if not node.operands or not isinstance(node.operands[0], str):
            raise BadQuery(f"{name} needs a field and values")
        field, *values = node.operands
        value = self._value(field)
        if name == "BTWN":
            low, high = _two(values)
            return lambda company: (v := value(company)) is not None and low <= v <= high
        if name not in _COMPARE or len(values) != 1:
            raise BadQuery(f"unknown operator {node.operator} with {len(values)} values")
        compare, wanted = _COMPARE[name], _normal(values[0])
        return lambda company: (v := value(company)) is not None and compare(_normal(v), wanted)

    def _value(self, field: str) -> Callable[[Company], Any]:
        if field in _STATIC:
            return _STATIC[field]
        if field in _QUOTED:
            name = _QUOTED[field]
            return lambda company: self._quotes.fields(company.symbol).get(name)
        raise BadQuery(f"unknown field {field}")


_STATIC: dict[str, Callable[[Company], Any]] = {
    "region": lambda c: c.region.code,
    "exchange": lambda c: c.exchange.code,
    "sector": lambda c: c.industry.sector,
    "industry": lambda c: c.industry.name,
    "ticker": lambda c: c.symbol,
    "intradaymarketcap": lambda c: c.market_cap,
    "lastclosemarketcap.lasttwelvemonths": lambda c: c.market_cap,
    "intradayprice": lambda c: c.price,
    "eodprice": lambda c: c.price,
}
_QUOTED = {
    "percentchange": "regularMarketChangePercent", "intradaypricechange": "regularMarketChange",
    "dayvolume": "regularMarketVolume", "eodvolume": "regularMarketVolume",
    "avgdailyvol3m": "averageDailyVolume3Month", "peratio.lasttwelvemonths": "trailingPE",
    "fiftytwowkpercentchange": "fiftyTwoWeekChangePercent", "pricebookratio.quarterly": "priceToBook",
}  # fmt: skip


def _nodes(node: Query) -> list[Query]:
    try:
        return msgspec.convert(node.operands, list[Query])
    except msgspec.ValidationError as error:
        raise BadQuery(str(error)) from error


def _regions(node: Query) -> frozenset[str] | None:
    """The regions outside of which nothing can match; None if there is no such bound."""
    name = node.operator.upper()
    if name == "EQ" and node.operands[:1] == ["region"]:
        return frozenset(str(v).lower() for v in node.operands[1:])
    if name not in ("AND", "OR"):
        return None
    below = [_regions(part) for part in _nodes(node)]
    known = [regions for regions in below if regions is not None]
    if name == "AND":
        return frozenset.intersection(*known) if known else None
    return frozenset.union(*known) if known and len(known) == len(below) else None


def _two(values: list[Any]) -> tuple[Any, Any]:
    try:
        low, high = values
    except ValueError:
        raise BadQuery(f"BTWN takes two values, not {len(values)}") from None
    return low, high


def _normal(value: Any) -> Any:
    # yfinance spells industries with an em dash, Yahoo's pages with a hyphen between blanks.
    return value.lower().replace("—", " - ") if isinstance(value, str) else value
