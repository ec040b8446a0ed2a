"""Drawings as inline SVG: pure. Every one says in words what it shows, and none speaks by colour alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from include.monitor.markup import Html, element, joined
from include.monitor.reading import FeedReading, SymbolReading
from include.monitor.spoken import ago, count, duration
from include.stores.feed_book import Gap
from include.transport.limits import WindowState

DAY = timedelta(days=1)
_LITTLE = 0.2
_CELL, _ROW = 12, 25

# Referred to by the gaps' classes: stripes for what is over and not filled, dots for what was filled.
PATTERNS = element(
    "svg",
    element(
        "defs",
        element(
            "pattern",
            element("rect", width="6", height="6", class_="track"),
            element("path", d="M-1 1l2-2M0 6l6-6M5 7l2-2", class_="stripe"),
            id="stripes",
            width="6",
            height="6",
            patternUnits="userSpaceOnUse",
        ),
    ),
    width="0",
    height="0",
    aria_hidden="true",
    class_="patterns",
)


def quota_bar(state: WindowState) -> Html:
    """How much of a window is left, as a bar."""
    share = state.left / state.allowed if state.allowed else 0.0
    return _svg(
        f"{state.left} of {state.allowed} left",
        (100, 8),
        element("rect", width="100", height="8", rx="2", class_="track"),
        element("rect", width=f"{share * 100:.1f}", height="8", rx="2", class_="little" if share < _LITTLE else "left"),
        class_="bar",
    )


def sparkline(counts: Sequence[int]) -> Html:
    """Trades in each of the last minutes, oldest first."""
    most = max(counts, default=0)
    bars = (
        element("rect", x=str(4 * n), y=f"{30 - height:.1f}", width="3", height=f"{height:.1f}", class_="left")
        for n, value in enumerate(counts)
        if (height := 30 * value / most if most else 0.0)
    )
    base = element("rect", x="0", y="30", width=str(4 * len(counts)), height="1", class_="base")
    label = f"trades in each of the last {len(counts)} minutes, at most {count(most)}"
    return _svg(label, (4 * len(counts), 31), base, *bars, class_="spark")


def symbol_strip(feed: FeedReading, now: datetime) -> Html:
    """A cell per watched symbol: full is fresh, half is old, crossed failed, hollow was never asked for."""
    cells = [_cell(symbol, n, feed.patience_s, now) for n, symbol in enumerate(feed.symbols)]
    rows = -(-len(cells) // _ROW)
    width = _CELL * min(len(cells), _ROW)
    return _svg(
        f"{len(cells)} symbols", (width, _CELL * rows), *cells, class_="strip", width=str(width), stretched=False
    )


def _cell(symbol: SymbolReading, position: int, patience_s: float | None, now: datetime) -> Html:
    x, y = _CELL * (position % _ROW), _CELL * (position // _ROW)
    if symbol.failure is not None:
        said, kind = f"{symbol.symbol}: failed {ago(symbol.failed_at, now)}: {symbol.failure}", "failed"
    elif symbol.answered_at is None:
        said, kind = f"{symbol.symbol}: never asked for", "never"
    else:
        old = patience_s is not None and (now - symbol.answered_at).total_seconds() > patience_s
        said, kind = f"{symbol.symbol}: answered {ago(symbol.answered_at, now)}", "old" if old else "fresh"
    shapes = [element("rect", x=str(x), y=str(y), width="10", height="10", rx="2", class_=f"cell {kind}")]
    if kind == "failed":
        shapes.append(element("path", d=f"M{x + 3} {y + 3}l4 4m0 -4l-4 4", class_="cross"))
    if kind == "old":
        shapes.append(element("rect", x=str(x), y=str(y + 5), width="10", height="5", class_="cell fresh"))
    return element("g", element("title", said), *shapes)


def gap_timeline(feed: FeedReading, gaps: Iterable[Gap], now: datetime) -> Html:
    """The last day of a stream: when its market was open, and when it was not heard."""
    own = [gap for gap in gaps if gap.feed == feed.name and (gap.ended_at or now) > now - DAY]
    spans = feed.market.sessions if feed.market else ((now - DAY, now),)
    shapes = [_span(opens, closes, now, "open-hours", None) for opens, closes in spans]
    shapes += [_span(gap.started_at, gap.ended_at or now, now, f"gap-{gap.state}", told(gap, now)) for gap in own]
    track = element("rect", width="1440", height="20", class_="track")
    label = f"the last 24 hours of {feed.title}: {len(own)} gaps"
    return _svg(label, (1440, 20), track, *shapes, class_="timeline")


def _span(since: datetime, until: datetime, now: datetime, kind: str, said: str | None) -> Html:
    """A stretch of the day, a minute a unit; a short one is wide enough to be seen."""
    start = max(0.0, 1440 - (now - since) / timedelta(minutes=1))
    end = min(1440.0, 1440 - (now - until) / timedelta(minutes=1))
    width = max(end - start, 6.0)
    shape = element("rect", x=f"{min(start, 1440 - width):.1f}", width=f"{width:.1f}", height="20", class_=kind)
    return element("g", element("title", said), shape) if said else shape


def told(gap: Gap, now: datetime) -> str:
    """A gap in a sentence."""
    lasted = duration(((gap.ended_at or now) - gap.started_at).total_seconds())
    ticks = f" with {count(gap.ticks)} ticks" if gap.ticks is not None else ""
    return f"{gap.state}{ticks}: {gap.started_at:%d %b %H:%M:%S}, {lasted}, {gap.reason}"


def _svg(label: str, size: tuple[int, int], *shapes: Html, stretched: bool = True, **attributes: str) -> Html:
    return element(
        "svg",
        element("title", label),
        joined(*shapes),
        role="img",
        viewBox=f"0 0 {size[0]} {size[1]}",
        preserveAspectRatio="none" if stretched else None,
        **attributes,
    )
