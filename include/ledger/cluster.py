"""One database belongs to one Kafka cluster: the offsets and topic ids of another mean nothing here."""

from __future__ import annotations

from include.errors import ConfigurationError
from include.stores.postgres import Database


def check_cluster(database: Database, cluster_id: str) -> None:
    """Remember the cluster at the first start; afterwards raise ConfigurationError for another one."""
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO kafka_cluster (cluster_id) VALUES (%s) ON CONFLICT DO NOTHING", (cluster_id,))
        cursor.execute("SELECT cluster_id FROM kafka_cluster")
        row = cursor.fetchone()
    known = row[0] if row else cluster_id
    if known != cluster_id:
        raise ConfigurationError(
            f"this database belongs to the Kafka cluster {known}, but the brokers are of the cluster {cluster_id}. "
            "Point KAFKA_BOOTSTRAP_SERVERS or DB_DEV_NAME to the pair that belongs together, "
            "or throw the local state away with: stocks reset"
        )
