"""A card per feed: how it stands, what it brought, what it missed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from include.monitor.drawing import gap_timeline, sparkline, symbol_strip
from include.monitor.markup import Content, Html, element, joined
from include.monitor.reading import TROUBLES, FeedReading, Reading
from include.monitor.spoken import SIGNS, ago, clock, count, percent


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
    yield "last message", moment(feed.last_message_at, now)
    if feed.polls:
        yield "last answer", moment(feed.heard_at, now)
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


def moment(at: datetime | None, now: datetime) -> Html:
    """A moment and how long ago it was; ``never`` for None."""
    if at is None:
        return element("span", "never", class_="quiet")
    stamp = element("time", clock(at, now), datetime=at.isoformat(timespec="seconds"))
    return joined(stamp, " ", element("span", ago(at, now), class_="quiet"))
