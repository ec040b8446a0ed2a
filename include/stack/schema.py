"""Tables and topics, brought up to date before anything that needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.ledger.cluster import check_cluster
from include.stores.migrations import migrate
from include.stores.postgres import Database
from include.transport.admin import cluster_id, create_topics


def bring_up_to_date(parameters: Mapping[str, Any], kafka: Mapping[str, Any]) -> list[str]:
    """Migrate the database and create missing topics; what differs from the topic table is returned as lines.

    Raises ConfigurationError when the database belongs to another Kafka cluster, Transient when one does not answer.
    """
    migrate(parameters)
    states = create_topics(kafka)
    database = Database(parameters, size=1)
    try:
        check_cluster(database, cluster_id(kafka))
    finally:
        database.close()
    return [f"{state.name}: {fault}" for state in states for fault in state.faults]
