"""Which database and which brokers belong together."""

from __future__ import annotations

import pytest

from include.errors import ConfigurationError
from include.ledger.cluster import check_cluster
from include.stack.database import LocalDatabase
from include.stores.postgres import Database


def test_a_database_belongs_to_the_first_cluster_that_it_meets(database: Database) -> None:
    check_cluster(database, "first")
    check_cluster(database, "first")
    with pytest.raises(ConfigurationError, match="belongs to the Kafka cluster first"):
        check_cluster(database, "second")


def test_a_database_without_our_tables_says_how_they_are_made(postgres: LocalDatabase) -> None:
    postgres.create("nothing_yet")
    empty = Database(postgres.parameters("nothing_yet"), size=1)
    try:
        with pytest.raises(ConfigurationError, match=r"nothing_yet has none of our tables.* stocks migrate"):
            check_cluster(empty, "first")
    finally:
        empty.close()
        postgres.drop("nothing_yet")
