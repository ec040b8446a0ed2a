"""The parts of the page, each a pure function from the reading to markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from include.monitor.drawing import gap_timeline, quota_bar, sparkline, symbol_strip
from include.monitor.markup import Content, Html, element, joined
from include.monitor.reading import TROUBLES, FeedReading, Reading
from include.monitor.spoken import SIGNS, ago, clock, count, duration, percent, renewal, window
from include.transport.budgets import Budget

_GAPS_SHOWN = 10


def feeds(reading: Reading) -> Html:
    """A card per feed."""
    return element("div", *(_card(feed, reading) for feed in reading.feeds), class_="cards")


def _card(feed: FeedReading, reading: Reading) -> Html:
    now = reading.read_at
    word = "market closed" if feed.standing == "closed" else feed.standing
    kind = feed.standing.replace(" ", "-")
    badge = element("span", f"{SIGNS[feed.standing]} {word}", class_=f"badge {kind}")
    parts: list[Content] = [
        element("header", element("h3", feed.title), badge),
        element("p", feed.why, class_="why") if feed.why else None,
    ]
    if feed.state is not None:
        parts.append(element("dl", *(_fact(name, value) for name, value in _facts(feed, now))))
    if any(symbol.answered_at or symbol.failed_at for symbol in feed.symbols):
        parts.append(element("figure", symbol_strip(feed, now), element("figcaption", _told(feed))))
    if feed.trades_per_minute:
        most = count(max(feed.trades_per_minute))
        said = f"trades per minute in the last hour, at most {most}"
        parts.append(element("figure", sparkline(feed.trades_per_minute), element("figcaption", said)))
    if not feed.polls and feed.state is not None:
        said = f"the last 24 hours{', open hours shaded' if feed.market else ''}; gaps: {_gap_counts(feed)}"
        parts.append(element("figure", gap_timeline(feed, reading.gaps, now), element("figcaption", said)))
    look = "card troubled" if feed.standing in TROUBLES else "card"
    return element("article", *parts, class_=look, id=f"feed-{feed.name}")


def _facts(feed: FeedReading, now: datetime) -> Iterable[tuple[str, Content]]:
    yield "last message", _moment(feed.last_message_at, now)
    if feed.polls:
        yield "last answer", _moment(feed.heard_at, now)
    if feed.market:
        yield "market", _market(feed, now)
    yield ("round" if feed.polls else "stream"), _doing(feed, now)
    since = f" since {clock(feed.started_at, now)}" if feed.started_at else ""
    yield "sent", f"{count(feed.sent)}{since}"
    yield "failed", count(feed.failed) + (f" ({percent(feed.success_rate)} succeeded)" if feed.failed else "")
    if feed.cache_hit_rate is not None:
        yield "cache hit rate", f"{percent(feed.cache_hit_rate)} of {count(feed.cache_hits + feed.cache_misses)}"


def _doing(feed: FeedReading, now: datetime) -> str:
    """What the feed wrote of itself last."""
    at = clock(feed.updated_at, now) if feed.updated_at else ""
    rounds = {"running": f"under way since {at}", "waiting": f"ended {at}", "stopped": f"ended {at}"}
    said = (
        rounds.get(feed.state or "", f"{feed.state} {at}")
        if feed.polls
        else f"{feed.state}, {ago(feed.updated_at, now)}"
    )
    return said + (f": {feed.detail}" if feed.detail and feed.detail not in (feed.why or "") else "")


def _fact(name: str, value: Content) -> Html:
    return element("div", element("dt", name), element("dd", value))


def _market(feed: FeedReading, now: datetime) -> str:
    market = feed.market
    if market is None:
        return "always open"
    word = "open" if market.is_open else "closed"
    then = "closes" if market.is_open else "opens"
    return f"{market.calendar} {word}" + (f", {then} {clock(market.changes_at, now)}" if market.changes_at else "")


def _told(feed: FeedReading) -> str:
    answered = sum(1 for symbol in feed.symbols if symbol.answered_at and symbol.failure is None)
    failing, never = len(feed.failing), sum(1 for s in feed.symbols if not (s.answered_at or s.failed_at))
    parts = [f"{answered} of {len(feed.symbols)} symbols answered"]
    parts += [f"{failing} failing"] if failing else []
    parts += [f"{never} not asked for yet"] if never else []
    return ", ".join(parts)


def _gap_counts(feed: FeedReading) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(feed.gaps.items())) or "none"


def quotas(reading: Reading) -> Html:
    """What may still be asked, and when it renews."""
    rows = [row for budget in reading.quotas for row in _budget(budget)]
    if not rows:
        return _nothing("No source has a quota here: no key is configured and nothing was asked yet.")
    return _table("What may still be asked", ("source", "per", "left", "", "renews"), rows)


def _budget(budget: Budget) -> Iterable[Sequence[Content]]:
    if budget.paused_s:
        said = f"paused: it refuses everybody; asked again in {duration(budget.paused_s)}"
        yield (budget.source, "-", "0", element("strong", "✖ paused", class_="bad"), said)
    for state in budget.windows:
        left = f"{count(state.left)} of {count(state.allowed)}"
        yield (budget.source, window(state.window_s), left, quota_bar(state), renewal(state.wait_s, state.renewed_s))


def failing(reading: Reading) -> Html:
    """The symbols that fail, by name, and why."""
    now = reading.read_at
    rows = [
        (feed.title, symbol.symbol, _moment(symbol.failed_at, now), symbol.failure)
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
            _moment(gap.started_at, now),
            duration(((gap.ended_at or now) - gap.started_at).total_seconds()) + ("" if gap.ended_at else " so far"),
            gap.state + (f" with {count(gap.ticks)} ticks" if gap.ticks is not None else ""),
            gap.reason + (f" ({gap.detail})" if gap.detail else ""),
        )
        for gap in reading.gaps[:_GAPS_SHOWN]
    ]
    if not rows:
        return _nothing("No stream was ever away.")
    return _table("Latest gaps", ("feed", "began", "lasted", "state", "why"), rows)


def movements(reading: Reading) -> Html:
    """The last day's movements of prices."""
    rows = [
        (
            _moment(m.moved_to_at, reading.read_at),
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


def _moment(moment: datetime | None, now: datetime) -> Html:
    if moment is None:
        return element("span", "never", class_="quiet")
    stamp = element("time", clock(moment, now), datetime=moment.isoformat(timespec="seconds"))
    return joined(stamp, " ", element("span", ago(moment, now), class_="quiet"))


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
