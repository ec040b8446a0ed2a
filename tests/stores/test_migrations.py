"""The schema comes to whatever PostgreSQL there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from extension_trials import NOT_LOADED, install, run

from include.stack.database import LocalDatabase
from include.stores.migrations import migrate

NAME = "never_migrated"


@pytest.fixture
def empty(postgres: LocalDatabase) -> Iterator[dict[str, Any]]:
    """A database without a schema."""
    postgres.create(NAME)
    yield postgres.parameters(NAME)
    postgres.drop(NAME)


def test_a_timescaledb_that_the_server_has_not_loaded_is_left_alone(
    postgres: LocalDatabase, empty: dict[str, Any]
) -> None:
    install(postgres, empty, NOT_LOADED)
    assert run(empty, "SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'") == [(1,)]
    migrate(empty)
    # Partitioned, not an ordinary table.
    assert run(empty, "SELECT relkind FROM pg_class WHERE oid = 'market_ticks'::regclass") == [("p",)]
