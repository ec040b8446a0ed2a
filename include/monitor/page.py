"""The page about the feeds: a reading -> an HTML document. Pure; nothing in it comes from elsewhere."""

from __future__ import annotations

from include.monitor import sections
from include.monitor.cards import feeds
from include.monitor.drawing import PATTERNS
from include.monitor.markup import Html, element, joined
from include.monitor.reading import Reading
from include.monitor.stylesheet import REFRESH_S, SCRIPT, STYLE

_TITLE = "Feeds"


def feeds_page(reading: Reading) -> str:
    """The document that shows ``reading``."""
    return _document(
        _top(f"as of {reading.read_at:%d %b %Y %H:%M:%S} UTC"),
        _verdict(reading),
        PATTERNS,
        feeds(reading),
        *_section("Quota left", sections.quotas(reading)),
        *_section("Symbols that fail", sections.failing(reading)),
        *_section("Gaps", sections.gaps(reading)),
        *_section("Stores", sections.routes(reading)),
        *_section("Price movements", sections.movements(reading)),
        element("p", "All times are UTC.", class_="quiet"),
    )


def failure_page(reason: str) -> str:
    """The document that says why there is no reading; it looks again by itself."""
    said = (
        element("h2", "The feeds cannot be read now"),
        element("p", reason),
        element("p", "The feeds themselves need not be affected. This page tries again by itself.", class_="quiet"),
    )
    return _document(_top("no reading"), element("article", *said, class_="card failure", role="alert"))


def _document(*parts: Html) -> str:
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("noscript", element("meta", http_equiv="refresh", content=REFRESH_S)),
        element("title", _TITLE),
        element("style", Html(STYLE)),
    )
    body = element("body", element("main", *parts), element("script", Html(SCRIPT)))
    return "<!doctype html>" + element("html", head, body, lang="en")


def _top(when: str) -> Html:
    said = joined(when, ", ", element("span", f"refreshed every {REFRESH_S} s", id="refreshing"))
    return element("div", element("h1", _TITLE), element("p", said, class_="quiet"), class_="top")


def _verdict(reading: Reading) -> Html:
    troubled = reading.troubled
    if troubled:
        names = ", ".join(f"{feed.title} ({feed.standing})" for feed in troubled)
        return element("p", f"▲ To be looked at: {names}", class_="verdict bad")
    if all(feed.standing == "not configured" for feed in reading.feeds):
        return element("p", "No feed is configured: set a vendor's key, as the cards say.", class_="verdict")
    return element("p", "● Every configured feed does as it should", class_="verdict good")


def _section(title: str, content: Html) -> tuple[Html, Html]:
    return element("h2", title), content
