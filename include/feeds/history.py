"""Alpaca's history by REST, pure: the trades and quotes that a lost connection missed.

The same trade has the same id here and on the stream, so a backfill repeats no row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from include.contracts.corrections import TickCorrection
from include.contracts.prices import Tick
from include.errors import Permanent
from include.feeds.alpaca import Stream
from include.feeds.alpaca_messages import QuoteFields, TradeFields, taken_back, tick
from include.feeds.base import Body, Request
from include.feeds.reading import convert, parse
from include.feeds.refusals import refused, spoken

Channel = Literal["trades", "quotes"]
CHANNELS: tuple[Channel, ...] = ("trades", "quotes")
_LARGEST_PAGE = 10_000


class Page(msgspec.Struct, frozen=True):
    """One page of history, and what of it stands no more; ``next_page`` asks for the next page, None on the last."""

    ticks: tuple[Tick, ...]
    corrections: tuple[TickCorrection, ...] = ()
    next_page: str | None = None
    unreadable: tuple[str, ...] = ()


class _Answer(msgspec.Struct):
    trades: dict[str, list[msgspec.Raw] | None] | msgspec.UnsetType | None = msgspec.UNSET
    quotes: dict[str, list[msgspec.Raw] | None] | msgspec.UnsetType | None = msgspec.UNSET
    next_page_token: str | None = None


_FIELDS: Mapping[Channel, type[TradeFields | QuoteFields]] = {"trades": TradeFields, "quotes": QuoteFields}


def ask(
    stream: Stream, channel: Channel, symbols: Sequence[str], since: datetime, until: datetime, page: str | None
) -> Request:
    """The request for one page of ``channel`` between two times, oldest first."""
    params: dict[str, str] = {
        "symbols": ",".join(symbols),
        "start": since.astimezone(UTC).isoformat(),
        "end": until.astimezone(UTC).isoformat(),
        "limit": str(_LARGEST_PAGE),
        "sort": "asc",
    }
    if stream.data_feed:
        params["feed"] = stream.data_feed
    if page:
        params["page_token"] = page
    return Request(f"{stream.history}/{channel}", params)


def read(stream: Stream, channel: Channel, body: Body) -> Page:
    """One page. Raises Transient when the answer is a refusal or garbage."""
    answer = parse(stream.name, body.content, _Answer)
    found: Mapping[str, list[msgspec.Raw] | None] | msgspec.UnsetType | None = getattr(answer, channel)
    said = spoken(body.content)
    if isinstance(found, msgspec.UnsetType) or (found is None and said):
        raise refused(stream.name, said)
    ticks: list[Tick] = []
    corrections: list[TickCorrection] = []
    unreadable: list[str] = []
    for symbol, raws in (found or {}).items():  # none is written null, too
        for raw in raws or ():
            try:
                fields = convert(raw, _FIELDS[channel])
                if isinstance(fields, TradeFields) and fields.taken_back:
                    corrections.append(taken_back(stream.name, symbol, fields, body.received_at))
                else:
                    ticks.append(tick(stream.name, symbol, fields, body.received_at))
            except Permanent as problem:
                unreadable.append(f"{symbol}: {problem}")
    return Page(tuple(ticks), tuple(corrections), answer.next_page_token or None, tuple(unreadable))
