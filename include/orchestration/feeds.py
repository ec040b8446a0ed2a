"""What the feeds' DAGs need of us: who is configured, one round of a feed, and how all of them do."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from include.errors import Transient
from include.feeds.catalog import CATALOG, FeedRow
from include.orchestration.place import place
from include.settings import environment
from include.stores import feed_book
from include.workers.feed_rhythms import interval_s, lacking

log = logging.getLogger(__name__)

# An Airflow task costs seconds: whoever wants prices more often runs the feed as a process.
_SHORTEST = timedelta(minutes=1)


class PolledFeed(msgspec.Struct, frozen=True):
    """A configured feed that is asked; ``dag_id`` is what its DAG is called."""

    row: FeedRow
    every: timedelta

    @property
    def dag_id(self) -> str:
        """feed_alpha_vantage, and so on."""
        return "feed_" + self.row.name.replace("-", "_")


def polled(env: Mapping[str, str]) -> list[PolledFeed]:
    """The configured feeds that are asked. Reads ``env`` alone: it is called while a DAG is parsed."""
    rows = [row for row in CATALOG if row.polls and lacking(row, env) is None]
    return [PolledFeed(row, max(_SHORTEST, timedelta(seconds=interval_s(row, env)))) for row in rows]


def standing(env: Mapping[str, str]) -> str:
    """A Markdown table of all feeds: how each runs, or what it lacks."""
    lines = ["| feed | topic | runs |", "|---|---|---|"]
    for row in CATALOG:
        missing = lacking(row, env)
        runs = f"not: {missing}" if missing else "as its DAG" if row.polls else f"as `stocks feed {row.name}`"
        lines.append(f"| {row.title} | `{row.topic.name}` | {runs} |")
    return "\n".join(lines)


def ask_once(name: str) -> dict[str, object]:
    """One round of a feed; -> what came of it. Raises Transient when nothing that was asked for came."""
    from include.workers.feed_process import run_feed

    summary = run_feed(name, environment(), once=True)
    if not summary.succeeded:
        raise Transient(f"{name} gave no price of those that were asked for: {summary.failures}")
    return msgspec.structs.asdict(summary)


def report() -> None:
    """Say in the log how every feed does: state, age of its last message, gaps, and what it lacks."""
    env = environment()
    with place() as here, here.database.transaction() as connection:
        known = {state.feed: state for state in feed_book.states(connection)}
        gaps = feed_book.gap_counts(connection)
    for row in CATALOG:
        missing = lacking(row, env)
        if missing:
            log.info("%s does not run: %s", row.title, missing)
            continue
        state = known.get(row.name)
        if state is None:
            log.warning("%s is configured and has never run", row.title)
            continue
        age = datetime.now(UTC) - state.last_message_at if state.last_message_at else None
        log.info(
            "%s is %s; last message of %s (%s ago); %d sent, %d failed; gaps %s%s",
            row.title,
            state.state,
            state.last_message_at,
            age,
            state.sent,
            state.failed,
            gaps.get(row.name) or "none",
            f"; {state.detail}" if state.detail else "",
        )
