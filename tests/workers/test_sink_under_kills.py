"""Ticks through two sinks that are killed by turns: the gate's version of `make bench BENCH=sink_faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.sink_faults import under_kills
from bench.sink_place import environment
from include.stores.postgres import Database

pytestmark = pytest.mark.stack


def test_kills_at_random_moments_lose_and_double_no_tick(
    kafka: dict[str, str], database: Database, tmp_path: Path
) -> None:
    found = under_kills(kafka, database, environment(kafka, database, tmp_path), seconds=32, kill_every_s=7.5)
    assert (found.sent, found.lost, found.doubled) == (16_000, 0, 0)
    assert found.kills >= 3
