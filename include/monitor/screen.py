"""The feeds on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from include.contracts.text import printable
from include.monitor.reading import FeedReading, Reading, Standing
from include.monitor.routes import store_of
from include.monitor.spoken import SIGNS, ago, clock, count, duration, percent, renewal, window

_STYLES: dict[Standing, str] = {
    "fine": "green",
    "closed": "cyan",
    "stale": "yellow",
    "lost": "red",
    "failed": "red",
    "stopped": "yellow",
    "never ran": "yellow",
    "not configured": "dim",
}
_FAILING_SHOWN, _GAPS_SHOWN, _MOVEMENTS_SHOWN = 5, 5, 8


def feeds_view(reading: Reading, console: Console | None = None, taken: int = 0) -> RenderableType:
    """Everything about the feeds, for `stocks monitor`.

    With a ``console`` only what its height bears below ``taken`` lines: what moves on a screen cannot be scrolled.
    """
    parts = list(_parts(reading))
    return Group(*(parts if console is None else _fitting(parts, console, console.height - taken)))


def height(view: RenderableType, console: Console) -> int:
    """How many lines it takes there."""
    return len(console.render_lines(view, pad=False))


def _fitting(parts: list[RenderableType], console: Console, lines: int) -> Iterator[RenderableType]:
    left = lines - 1  # for the line that says what is missing
    for part in parts:
        left -= height(part, console)
        if left < 0:
            yield Text("... and more than fits here: stocks monitor --once", style="dim")
            return
        yield part


def _parts(reading: Reading) -> Iterator[RenderableType]:
    """The most wanted first."""
    yield _feeds(reading)
    if any(budget.windows or budget.paused_s for budget in reading.quotas):
        yield _quotas(reading)
    for feed in reading.feeds:
        yield from _remarks(feed)
    if reading.movements:
        yield _movements(reading)
    if reading.routes:
        yield _routes(reading)
    elif reading.routes_unknown:
        yield Text(printable(f"! how far the stores are behind is unknown: {reading.routes_unknown}"), style="yellow")
    if reading.gaps:
        yield _gaps(reading)


def _feeds(reading: Reading) -> Table:
    table = _table("feed", "", "last message", "sent, failed", "cache", "symbols, gaps")
    now = reading.read_at
    for feed in reading.feeds:
        table.add_row(
            feed.title,
            Text(f"{SIGNS[feed.standing]} {feed.standing}", style=_STYLES[feed.standing]),
            ago(feed.last_message_at, now) if feed.state else "-",
            f"{count(feed.sent)}, {count(feed.failed)}" if feed.state else "-",
            percent(feed.cache_hit_rate),
            _reached(feed),
        )
    return table


def _table(*heads: str) -> Table:
    """A dense table, whose last column gives way on a narrow terminal."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for head in heads:
        table.add_column(head, no_wrap=head != heads[-1])
    return table


def _reached(feed: FeedReading) -> str:
    """The symbols of a feed that is asked, the gaps of one that listens."""
    if feed.symbols:
        answered = sum(1 for symbol in feed.symbols if symbol.answered_at and symbol.failure is None)
        return f"{answered} of {len(feed.symbols)}"
    return ", ".join(f"{number} {state}" for state, number in sorted(feed.gaps.items())) if feed.gaps else ""


def _remarks(feed: FeedReading) -> Iterator[RenderableType]:
    """What is wrong with a feed, and which of its symbols fail."""
    if feed.why:
        style = "dim" if feed.standing == "not configured" else "yellow"
        yield Text(printable(f"! {feed.title}: {feed.why}"), style=style)
    for symbol in feed.failing[:_FAILING_SHOWN]:
        yield Text(printable(f"! {feed.title}: {symbol.symbol} fails: {symbol.failure}"), style="yellow")
    if (more := len(feed.failing) - _FAILING_SHOWN) > 0:
        yield Text(f"! {feed.title}: {more} more symbols fail", style="yellow")


def _quotas(reading: Reading) -> Table:
    table = _table("quota", "per", "left", "renews")
    for budget in reading.quotas:
        if budget.paused_s:
            said = f"asked again in {duration(budget.paused_s)}"
            table.add_row(budget.source, "-", Text("paused", style="red"), said)
        for state in budget.windows:
            left = Text(f"{count(state.left)} of {count(state.allowed)}", style="" if state.left else "yellow")
            table.add_row(budget.source, window(state.window_s), left, renewal(state.wait_s, state.renewed_s))
    return table


def _routes(reading: Reading) -> Table:
    table = _table("store", "topic", "messages behind")
    for lag in reading.routes:
        behind = Text(count(lag.behind), style="yellow" if lag.behind else "")
        table.add_row(store_of(lag), lag.topic, behind)
    return table


def _movements(reading: Reading) -> Table:
    table = _table("moved", "symbol", "by", "from", "to", "within", "source")
    for m in reading.movements[:_MOVEMENTS_SHOWN]:
        table.add_row(
            clock(m.moved_to_at, reading.read_at),
            Text(printable(m.symbol)),
            Text(f"{m.percent:+.2f} %", style="green" if m.percent > 0 else "red"),
            f"{m.price_before:g}",
            f"{m.price_after:g}",
            duration((m.moved_to_at - m.moved_from_at).total_seconds()),
            Text(printable(m.source)),
        )
    return table


def _gaps(reading: Reading) -> Table:
    table = _table("gap", "began", "lasted", "", "why")
    now = reading.read_at
    for gap in reading.gaps[:_GAPS_SHOWN]:
        lasted = duration(((gap.ended_at or now) - gap.started_at).total_seconds())
        ticks = f", {count(gap.ticks)} ticks" if gap.ticks is not None else ""
        why = Text(printable(gap.reason + (f" ({gap.detail})" if gap.detail else "")))
        table.add_row(Text(printable(gap.feed)), clock(gap.started_at, now), lasted, gap.state + ticks, why)
    return table
