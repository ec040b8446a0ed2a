"""The database as a command uses it: opened from the environment, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from include.settings import DatabaseSettings
from include.stores.postgres import Database


@contextmanager
def open_database(env: Mapping[str, str]) -> Iterator[Database]:
    """The application's database. Raises ConfigurationError when ``env`` does not say where it is."""
    database = Database(DatabaseSettings.from_env(env).connection, size=2)
    try:
        yield database
    finally:
        database.close()
