"""The database as a command uses it: opened from the environment, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from include.settings import DatabaseSettings
from include.stores.postgres import Database
from include.stores.postgres_refusal import our_schema


@contextmanager
def open_database(env: Mapping[str, str]) -> Iterator[Database]:
    """The application's database. Raises ConfigurationError when ``env`` does not say where, or it is not ours."""
    database = Database(DatabaseSettings.from_env(env).connection, size=2)
    try:
        with our_schema():
            yield database
    finally:
        database.close()
