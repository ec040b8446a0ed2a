"""Whether a feed does as it should: pure, from what it wrote and from when its market trades."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from include.feeds.hours import Hours, is_open
from include.monitor.reading import Standing
from include.monitor.spoken import duration
from include.stores.feed_book import FeedReport

# A stream writes every two seconds, whether it hears something or not.
_A_PROCESS_IS_GONE = timedelta(seconds=30)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed is judged by; ``hours`` are its market's, ``patience_s`` seconds of them without news are no fault.

    ``lacks`` says what is not configured where the reading is made, which need not be where the feed runs.
    """

    polls: bool
    now: datetime
    hours: Hours
    patience_s: float
    lacks: str | None = None
    report: FeedReport | None = None
    updated_at: datetime | None = None
    heard_at: datetime | None = None


def judge(evidence: Evidence) -> tuple[Standing, str | None]:
    """-> how the feed stands, and why, where that is not plain."""
    report = evidence.report
    if report is None:
        return ("not configured", evidence.lacks) if evidence.lacks else ("never ran", "it is configured and never ran")
    if evidence.lacks and _silent_s(evidence, evidence.updated_at) > evidence.patience_s:
        return "not configured", evidence.lacks
    if report.state == "failed":
        return "failed", report.detail
    if evidence.polls:
        return _freshness(evidence)
    if report.state == "stopped":
        return "stopped", "nobody listens: its process was ended"
    if evidence.updated_at is not None and evidence.now - evidence.updated_at > _A_PROCESS_IS_GONE:
        silence = duration((evidence.now - evidence.updated_at).total_seconds())
        return "stopped", f"its process has not written for {silence}"
    return ("lost", report.detail) if report.state == "lost" else _freshness(evidence)


def _freshness(evidence: Evidence) -> tuple[Standing, str | None]:
    silent_s = _silent_s(evidence, evidence.heard_at)
    if silent_s > evidence.patience_s:
        allowed = duration(evidence.patience_s)
        if evidence.heard_at is None:
            return "stale", _with(evidence, f"nothing came since it began; it may take {allowed}")
        silence = duration(silent_s)
        return "stale", _with(evidence, f"nothing for {silence} of an open market; it may take {allowed}")
    if not is_open(evidence.hours, evidence.now):
        return "closed", None
    return "fine", None


def _silent_s(evidence: Evidence, since: datetime | None) -> float:
    """For how many seconds its market was open without it; a stream that has just begun is given its time."""
    began = evidence.report.started_at if evidence.report else evidence.now
    start = (since or began) if evidence.polls else max(since or began, began)
    return evidence.hours.open_time(start, evidence.now).total_seconds()


def _with(evidence: Evidence, why: str) -> str:
    said = evidence.report.detail if evidence.report else None
    return f"{why} ({said})" if said else why
