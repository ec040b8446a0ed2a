"""The tables of the page, each a pure function from the reading to markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from include.monitor.cards import moment
from include.monitor.drawing import quota_bar
from include.monitor.markup import Content, Html, element, joined
from include.monitor.reading import Reading
from include.monitor.routes import store_of
from include.monitor.spoken import count, duration, renewal, window
from include.transport.budgets import Budget

_GAPS_SHOWN = 10


def quotas(reading: Reading) -> Html:
    """What may still be asked, and when it renews."""
    rows = [row for budget in reading.quotas for row in _budget(budget)]
    if not rows:
        return _nothing("No source has a quota here: no key is configured and nothing was asked yet.")
    return _table("What may still be asked", ("source", "per", "left", "renews"), rows)


def _budget(budget: Budget) -> Iterable[Sequence[Content]]:
    if budget.paused_s:
        said = f"it refuses everybody; asked again in {duration(budget.paused_s)}"
        yield (budget.source, "-", element("strong", "✖ paused", class_="bad"), said)
    for state in budget.windows:
        said = element("span", f"{count(state.left)} of {count(state.allowed)}", class_="figure")
        renews = renewal(state.wait_s, state.renewed_s)
        yield (budget.source, window(state.window_s), joined(said, " ", quota_bar(state)), renews)


def failing(reading: Reading) -> Html:
    """The symbols that fail, by name, and why."""
    now = reading.read_at
    rows = [
        (feed.title, symbol.symbol, moment(symbol.failed_at, now), symbol.failure)
        for feed in reading.feeds
        for symbol in feed.failing
    ]
    if not rows:
        return _nothing("No symbol fails.")
    return _table("Symbols that fail", ("feed", "symbol", "since", "why"), rows)


def gaps(reading: Reading) -> Html:
    """The latest gaps of the streams."""
    now = reading.read_at
    titles = {feed.name: feed.title for feed in reading.feeds}
    rows = [
        (
            titles.get(gap.feed, gap.feed),
            moment(gap.started_at, now),
            duration(((gap.ended_at or now) - gap.started_at).total_seconds()) + ("" if gap.ended_at else " so far"),
            gap.state + (f" with {count(gap.ticks)} ticks" if gap.ticks is not None else ""),
            gap.reason + (f" ({gap.detail})" if gap.detail else ""),
        )
        for gap in reading.gaps[:_GAPS_SHOWN]
    ]
    if not rows:
        return _nothing("No stream was ever away.")
    return _table("Latest gaps", ("feed", "began", "lasted", "state", "why"), rows)


def routes(reading: Reading) -> Html:
    """What the stores have not taken yet."""
    if reading.routes_unknown:
        return _nothing(reading.routes_unknown)
    rows = [(store_of(lag), lag.topic, count(lag.behind) if lag.behind else "● nothing") for lag in reading.routes]
    if not rows:
        return _nothing("No sink has run yet: stocks worker sink.")
    return _table("What each store has yet to take", ("store", "topic", "messages behind"), rows)


def movements(reading: Reading) -> Html:
    """The last day's movements of prices."""
    rows = [
        (
            moment(m.moved_to_at, reading.read_at),
            m.symbol,
            element(
                "span", f"{'▲' if m.percent > 0 else '▼'} {m.percent:+.2f} %", class_="up" if m.percent > 0 else "down"
            ),
            f"{m.price_before:g} → {m.price_after:g}",
            duration((m.moved_to_at - m.moved_from_at).total_seconds()),
            m.source,
        )
        for m in reading.movements
    ]
    if not rows:
        return _nothing("No price moved by the threshold within the last day.")
    return _table("Price movements", ("when", "symbol", "moved", "price", "within", "source"), rows)


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Content]]) -> Html:
    head = element("tr", *(element("th", name, scope="col", role="columnheader") for name in heads), role="row")
    body = (
        element(
            "tr",
            element("th", row[0], scope="row", role="rowheader"),
            *(_named(*pair) for pair in zip(heads[1:], row[1:], strict=True)),
        )
        for row in rows
    )
    table = element("table", element("caption", caption), element("thead", head), element("tbody", *body))
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)


def _named(head: str, value: Content) -> Html:
    return element("td", value, role="cell", data_head=head or None)


def _nothing(sentence: str) -> Html:
    return element("p", sentence, class_="quiet")
