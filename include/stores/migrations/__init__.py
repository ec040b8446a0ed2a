"""The database's schema, migrated by Alembic before any worker starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError

from include.stores.postgres_refusal import connection_failure


def migrate(parameters: Mapping[str, Any]) -> None:
    """Bring the database of ``parameters`` (psycopg2's own) to the newest schema; safe to repeat.

    Raises ConfigurationError when the server refuses these settings, Transient when it is away.
    """
    url = URL.create(
        "postgresql+psycopg2",
        username=parameters["user"],
        password=parameters.get("password"),
        database=parameters["dbname"],
        query={"host": str(parameters["host"]), "port": str(parameters["port"])},
    )
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    engine = create_engine(url)
    try:
        with _connected(engine, parameters) as connection, connection.begin():
            # Two stacks that start at once migrate one after the other.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7105301)")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _connected(engine: Engine, parameters: Mapping[str, Any]) -> Connection:
    try:
        return engine.connect()
    except OperationalError as error:
        raise connection_failure(error.orig or error, parameters) from error
