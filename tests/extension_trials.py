"""A TimescaleDB for a test's database that is only a name and what its CREATE EXTENSION does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg2

from include.stack.database import LocalDatabase
from include.stack.postgres_place import give

# An installed TimescaleDB that shared_preload_libraries does not name ends the connection: FATAL, not ERROR.
NOT_LOADED = "SELECT pg_terminate_backend(pg_backend_pid());\n"


def install(postgres: LocalDatabase, parameters: Mapping[str, Any], script: str) -> None:
    """Sessions of the database of ``parameters`` that begin from now on find it."""
    name = parameters["dbname"]
    folder = postgres.folder / f"extensions_{name}" / "extension"
    for made in (folder.parent, folder):
        made.mkdir()
        give(made)
    for file, text in (("timescaledb.control", "default_version = '1'\n"), ("timescaledb--1.sql", script)):
        (folder / file).write_text(text, encoding="ascii")
        give(folder / file)
    run(parameters, f"ALTER DATABASE {name} SET extension_control_path = '{folder.parent}:$system'")


def run(parameters: Mapping[str, Any], statement: str) -> list[tuple[Any, ...]]:
    """What one statement answers, in a session of its own."""
    connection = psycopg2.connect(**parameters)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
