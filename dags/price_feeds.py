"""Prices of the vendors: `price_feeds` tells how each feed does, and a DAG `feed_…` asks each whose key is configured.

ask (the stalest symbols first, no more than the quota allows) → stock-prices · trading-assets-market-data-v1

A feed's DAG appears when its key is configured; what the others lack is in the table of `price_feeds`. The first round
comes at once, the next ones by the feed's rhythm. Symbols that fail are named in the log and stop no others; a round
fails only when nothing came. The feeds that listen (Alpaca) are processes: `stocks feed alpaca-stocks`.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow.sdk import DeltaTriggerTimetable, dag, task

from include.orchestration.feeds import PolledFeed, polled, standing


def make(feed: PolledFeed) -> None:
    """The DAG of one feed."""

    @dag(
        dag_id=feed.dag_id,
        schedule=DeltaTriggerTimetable(feed.every),  # the first run is at once
        catchup=False,
        max_active_runs=1,
        doc_md=f"{feed.row.title}: ask → {feed.row.topic.name}, every {feed.every}.\n\n{__doc__}",
        tags=["feed"],
        is_paused_upon_creation=False,
    )
    def feed_dag() -> None:
        # For a task that could not start, or was killed. A round in which nothing came is not tried again.
        @task(retries=3, retry_delay=timedelta(seconds=20))
        def ask(name: str) -> dict[str, Any]:
            from include.orchestration.feeds import ask_once

            return ask_once(name)

        ask(feed.row.name)

    feed_dag()


for each in polled(os.environ):
    make(each)


@dag(schedule=None, catchup=False, doc_md=f"{__doc__}\n{standing(os.environ)}\n", tags=["feed"])
def price_feeds() -> None:
    @task
    def states() -> None:
        from include.orchestration.feeds import report

        report()

    states()


price_feeds()
