"""The JSON Schema of every topic's values, and what may change about one.

A reader of yesterday must be able to read what is written today: fields may be added, and that is
nearly all. Schemas are generated from the message classes and kept under version control.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from include.contracts.corrections import TickCorrection
from include.contracts.outcomes import ProcessingCompleted, ScrapingCompleted
from include.contracts.prices import Price, PriceMovement, Tick, TradingAsset
from include.contracts.tasks import ProcessingTask, ScrapingTask
from include.contracts.topics import (
    MARKET_TICKS,
    PRICE_ALERTS,
    PROCESSING_COMPLETION,
    PROCESSING_TASKS,
    SCRAPING_COMPLETION,
    SCRAPING_TASKS,
    STOCK_PRICES,
    TICK_CORRECTIONS,
    TRADING_ASSETS,
)

Schema = Mapping[str, Any]

# A topic whose values are ours; dead letters carry the bytes of their task topic.
MESSAGES: Mapping[str, type[msgspec.Struct]] = {
    SCRAPING_TASKS.name: ScrapingTask,
    PROCESSING_TASKS.name: ProcessingTask,
    SCRAPING_COMPLETION.name: ScrapingCompleted,
    PROCESSING_COMPLETION.name: ProcessingCompleted,
    STOCK_PRICES.name: Price,
    TRADING_ASSETS.name: TradingAsset,
    MARKET_TICKS.name: Tick,
    TICK_CORRECTIONS.name: TickCorrection,
    PRICE_ALERTS.name: PriceMovement,
}


def schema(topic: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a topic's values."""
    (root,), components = msgspec.json.schema_components([MESSAGES[topic]], ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": topic, **root, "$defs": components}


def breaks(old: Schema, new: Schema) -> list[str]:
    """What a reader of ``old`` could not read in messages of ``new``, and readers of ``new`` in old messages.

    -> one sentence per fault; empty when both can read both.
    """
    return list(_differences(_Side(old), _Side(new), old, new, "", frozenset()))


class _Side:
    """One of the two schemas, with its definitions."""

    def __init__(self, whole: Schema) -> None:
        self._definitions = whole.get("$defs", {})

    def resolved(self, part: Schema) -> Schema:
        if "$ref" not in part:
            return part
        found: Schema = self._definitions[part["$ref"].rsplit("/", 1)[-1]]
        return found


_Seen = frozenset[tuple[str | None, str | None]]


def _differences(a: _Side, b: _Side, old: Schema, new: Schema, path: str, seen: _Seen) -> Iterator[str]:
    pair = (old.get("$ref"), new.get("$ref"))
    if pair in seen and pair != (None, None):
        return
    seen |= {pair}
    old, new = a.resolved(old), b.resolved(new)
    where = path or "the message"
    if "anyOf" in old or "anyOf" in new:
        yield from _alternatives(a, b, old, new, path, seen)
        return
    for aspect in ("type", "enum", "const", "format"):
        if old.get(aspect) != new.get(aspect):
            yield f"{where}: {aspect} was {old.get(aspect)!r} and is {new.get(aspect)!r}"
    yield from _fields(a, b, old, new, path, seen)
    for inner in ("items", "additionalProperties"):
        if isinstance(old.get(inner), Mapping) and isinstance(new.get(inner), Mapping):
            yield from _differences(a, b, old[inner], new[inner], f"{path}[]", seen)


def _fields(a: _Side, b: _Side, old: Schema, new: Schema, path: str, seen: _Seen) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before.keys() - after.keys():
        yield f"{path}.{name} was removed"
    for name in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{path}.{name} is required and was not: older messages lack it"
    for name in set(old.get("required", ())) - set(new.get("required", ())) & after.keys():
        yield f"{path}.{name} was required and may now be missing"
    for name in before.keys() & after.keys():
        yield from _differences(a, b, before[name], after[name], f"{path}.{name}", seen)


def _alternatives(a: _Side, b: _Side, old: Schema, new: Schema, path: str, seen: _Seen) -> Iterator[str]:
    """A union may neither gain nor lose a member."""
    before = {_kind(a.resolved(x)): x for x in old.get("anyOf", [old])}
    after = {_kind(b.resolved(x)): x for x in new.get("anyOf", [new])}
    if before.keys() != after.keys():
        yield f"{path or 'the message'}: was {' or '.join(sorted(before))} and is {' or '.join(sorted(after))}"
    for kind in before.keys() & after.keys():
        yield from _differences(a, b, before[kind], after[kind], path, seen)


def _kind(part: Schema) -> str:
    return str(part.get("title") or part.get("type") or part.get("enum") or part.get("const"))
