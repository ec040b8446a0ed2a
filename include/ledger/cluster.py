"""One database belongs to one Kafka cluster: the offsets and topic ids of another mean nothing here."""

from __future__ import annotations

from psycopg2 import errors

from include.errors import ConfigurationError
from include.stores.postgres import Database


def check_cluster(database: Database, cluster_id: str) -> None:
    """Remember the cluster at the first start; afterwards raise ConfigurationError for another one.

    So does a database without our tables. Raises Transient when it does not answer.
    """
    try:
        known = _remembered(database, cluster_id)
    except errors.UndefinedTable as error:
        raise ConfigurationError(
            f"the database {database.parameters.get('dbname')} has none of our tables. "
            "Point DB_DEV_NAME to the one that has, or make them with: stocks migrate"
        ) from error
    if known != cluster_id:
        raise ConfigurationError(
            f"this database belongs to the Kafka cluster {known}, but the brokers are of the cluster {cluster_id}. "
            "Point KAFKA_BOOTSTRAP_SERVERS or DB_DEV_NAME to the pair that belongs together, "
            "or throw the local state away with: stocks reset"
        )


def _remembered(database: Database, cluster_id: str) -> str:
    """The cluster that the database belongs to: from now on this one, if it belonged to none."""
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO kafka_cluster (cluster_id) VALUES (%s) ON CONFLICT DO NOTHING", (cluster_id,))
        cursor.execute("SELECT cluster_id FROM kafka_cluster")
        row = cursor.fetchone()
    return str(row[0]) if row else cluster_id
