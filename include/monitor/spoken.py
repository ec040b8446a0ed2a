"""Numbers and moments in the words that a person reads: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from include.monitor.reading import FeedReading, Standing

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_WINDOWS = {1.0: "second", 60.0: "minute", 3600.0: "hour", 86_400.0: "day", 31 * 86_400.0: "month"}

# A sign beside the word: nobody has to tell colours apart.
SIGNS: dict[Standing, str] = {
    "fine": "●",
    "closed": "◐",
    "stale": "▲",
    "lost": "✖",
    "failed": "✖",
    "stopped": "■",
    "never ran": "○",
    "not configured": "○",
}


def duration(seconds: float) -> str:
    """``72`` -> ``1 min 12 s``: the two largest units that say something."""
    whole = max(0, round(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole} s" if whole < _MINUTE else _pair(whole, _MINUTE, "min", 1, "s")
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    return _pair(whole, _HOUR, "h", _MINUTE, "min") if whole < 2 * _DAY else _pair(whole, _DAY, "d", _HOUR, "h")


def _pair(whole: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = whole % large // small
    return f"{whole // large} {large_name}" + (f" {rest} {small_name}" if rest else "")


def ago(moment: datetime | None, now: datetime) -> str:
    """``3 min ago``; ``never`` for None."""
    return "never" if moment is None else f"{duration((now - moment).total_seconds())} ago"


def clock(moment: datetime, now: datetime) -> str:
    """The time in UTC, with the day where it is not today's."""
    return f"{moment:%H:%M:%S}" if moment.date() == now.date() else f"{moment:%d %b %H:%M}"


def percent(share: float | None) -> str:
    """``0.985`` -> ``98.5 %``; a dash for None. Only everything is 100 %."""
    if share is None:
        return "-"
    shown = min(share * 100, 99.9) if share < 1 else 100.0
    return f"{shown:.1f} %" if shown % 1 else f"{shown:.0f} %"


def window(seconds: float) -> str:
    """The name of a quota's window: ``minute``, ``day``, or its length."""
    return _WINDOWS.get(seconds) or duration(seconds)


def count(number: int) -> str:
    """``1234567`` -> ``1 234 567`` with narrow spaces that no line breaks."""
    return f"{number:,}".replace(",", "\u202f")


def renewal(wait_s: float, renewed_s: float) -> str:
    """When a window renews, in words."""
    if not renewed_s:
        return "unused"
    whole = f"all in {duration(renewed_s)}"
    first = f"next in {duration(wait_s)}"
    return f"{first}, {whole}" if wait_s and duration(wait_s) != duration(renewed_s) else whole


def sentences(feed: FeedReading, now: datetime) -> Iterator[str]:
    """A feed as a log tells of it: how it stands, then every symbol that fails."""
    why = f" ({feed.why})" if feed.why else ""
    if feed.state is None:
        yield f"{feed.title}: {feed.standing}{why}"
        return
    gaps = ", ".join(f"{number} {state}" for state, number in sorted(feed.gaps.items())) or "none"
    yield (
        f"{feed.title}: {feed.standing}{why}; it is {feed.state}; last message of {feed.last_message_at} "
        f"({ago(feed.last_message_at, now)}); {feed.sent} sent, {feed.failed} failed; "
        f"cache hit rate {percent(feed.cache_hit_rate)}; gaps: {gaps}"
    )
    for symbol in feed.failing:
        yield f"{feed.title}: {symbol.symbol} fails: {symbol.failure}"
