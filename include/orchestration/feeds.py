"""What the feeds' DAGs need of us: who is configured, one round of a feed, and how all of them do."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from include.feeds.catalog import CATALOG, FeedRow
from include.orchestration.unretried import unretried
from include.settings import environment
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
    """One round of a feed; -> what came of it.

    Raises AirflowFailException when nothing that was asked for came, and when a setting is wrong or a key refused.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from include.workers.feed_process import run_feed

    with unretried():
        summary = run_feed(name, environment(), once=True)
    if not summary.succeeded:  # not to be retried: the next round does, and its quota is not spent twice
        raise AirflowFailException(f"{name} gave no price of those that were asked for: {summary.failures}")
    return msgspec.structs.asdict(summary)


def report() -> None:
    """Say in the log how every feed does, what is left of the quotas, and which gaps are open."""
    from include.monitor.looking import glance
    from include.monitor.reading import TROUBLES
    from include.monitor.spoken import renewal, sentences, window

    reading = glance(environment())
    for feed in reading.feeds:
        level = logging.WARNING if feed.standing in TROUBLES else logging.INFO
        for sentence in sentences(feed, reading.read_at):
            log.log(level, "%s", sentence)
    for budget in reading.quotas:
        for state in budget.windows:
            left = f"{state.left} of {state.allowed} per {window(state.window_s)} left"
            log.info("%s: %s, %s", budget.source, left, renewal(state.wait_s, state.renewed_s))
