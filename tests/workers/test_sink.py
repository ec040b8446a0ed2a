"""The sink as a process: every price in its stores, each once, and each store for itself."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from sinks import (
    TICKS,
    TICKS_GROUP,
    environment,
    eventually,
    health,
    kept,
    messages,
    send,
    sink,
    tick,
    uncommitted,
)

from include.contracts.topics import MARKET_TICKS
from include.stores.postgres import Database


@pytest.fixture
def env(kafka: dict[str, str], database: Database, tmp_path: Path) -> dict[str, str]:
    return environment(kafka, database, tmp_path / "home")


def test_every_tick_is_in_the_table_once_and_committed(
    env: Mapping[str, str], kafka: dict[str, str], database: Database
) -> None:
    ticks = [tick(n) for n in range(5000)]
    send(kafka, *messages(ticks), *messages(ticks[:100]))
    with sink(env, "one", TICKS) as process:
        eventually(lambda: uncommitted(kafka, MARKET_TICKS.name, TICKS_GROUP) == 0, "all is committed")
        assert kept(database) == Counter(one.tick_id for one in ticks)
        assert health(env, "one")["detail"][TICKS]["state"] == "runs"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
