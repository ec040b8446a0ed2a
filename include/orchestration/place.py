"""Where this process works: its settings, its database and its brokers, read at the edge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from include.settings import DatabaseSettings, HistorySettings, KafkaSettings, RunSettings, environment
from include.stores.postgres import Database


class Place(msgspec.Struct, frozen=True):
    """``kafka`` are librdkafka's settings; ``runs`` says when a run counts as failed or stalled, ``history`` how long
    what is kept.
    """

    database: Database
    kafka: dict[str, Any]
    runs: RunSettings
    history: HistorySettings


@contextmanager
def place(*, connections: int = 4) -> Iterator[Place]:
    """The place that the environment describes; its connections are closed afterwards. Raises ConfigurationError."""
    env = environment()
    kafka = KafkaSettings.from_env(env).librdkafka()
    runs = RunSettings.from_env(env)
    history = HistorySettings.from_env(env)
    database = Database(DatabaseSettings.from_env(env).connection, size=connections)
    try:
        yield Place(database, kafka, runs, history)
    finally:
        database.close()
