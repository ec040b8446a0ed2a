"""Why a database cannot be used: what a person must change, or what may pass.

psycopg2 has no SQLSTATE for a connection that never was, so PostgreSQL's own words are what there is to go by.
In another language than English they fit none of the rows, and count as something that may pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from psycopg2 import errors

from include.errors import ConfigurationError, Transient

# What PostgreSQL says -> what that means, and which settings to look at. None of it ever holds a password.
_REFUSALS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"no password supplied"),
        "wants a password of the user {user!r}",
        "Set DB_PASSWORD, and check DB_USER",
    ),
    (
        re.compile(r"\w+ authentication failed for user"),
        "refuses the user {user!r} or its password",
        "Check DB_USER and DB_PASSWORD",
    ),
    (
        re.compile(r'role ".*" (?:does not exist|is not permitted to log in)'),
        "refuses the user {user!r}",
        "Check DB_USER and DB_PASSWORD",
    ),
    (
        re.compile(r'database ".*" does not exist'),
        "has no database {dbname!r}",
        "Check DB_DEV_NAME; or create that database, and its tables with: stocks migrate",
    ),
    (
        re.compile(r'permission denied for database ".*"'),
        "does not let the user {user!r} into the database {dbname!r}",
        "Check DB_USER and DB_DEV_NAME, or let that user in: GRANT CONNECT",
    ),
    (
        re.compile(r"no pg_hba\.conf entry|pg_hba\.conf rejects"),
        "lets nobody in as {user!r} on {dbname!r} from here",
        "Check DB_USER, DB_DEV_NAME and DB_HOST, or the server's pg_hba.conf",
    ),
)
_SERVER_SAID = re.compile(r"failed: [A-Z]+:\s+(.*)", re.DOTALL)
_HOST_UNKNOWN = re.compile(r"could not translate host name")


def connection_failure(error: Exception, parameters: Mapping[str, Any]) -> ConfigurationError | Transient:
    """What a failed connection with ``parameters`` (psycopg2's own) means to a person.

    ConfigurationError where the server answered and refuses these settings. A server that is away, starts or is
    full is Transient, and so is an unknown host: names come and go with containers and resolvers.
    """
    said, place = " ".join(str(error).split()), f"PostgreSQL at {parameters['host']}"
    for pattern, meaning, advice in _REFUSALS:
        if pattern.search(said):
            return ConfigurationError(f"{place} {meaning.format_map(parameters)}. {advice}")
    if answered := _SERVER_SAID.search(said):
        return Transient(f"{place} takes no connection now: {answered[1]}")
    if _HOST_UNKNOWN.search(said):
        return Transient(f"{place} cannot be found: {said}. Check DB_HOST, and that names are resolved here")
    said = said.partition(" Is the server running")[0]  # the client asks what the advice answers
    local = "; a local one is started with: stocks up" if str(parameters["host"]).startswith("/") else ""
    return Transient(f"{place} does not answer: {said}. Check that it runs, and DB_HOST and DB_PORT{local}")


@contextmanager
def our_schema() -> Iterator[None]:
    """A table or column of ours that is not there is a ConfigurationError: this database was never migrated."""
    try:
        yield
    except (errors.UndefinedTable, errors.UndefinedColumn) as error:
        reason = str(error).splitlines()[0]
        raise ConfigurationError(
            f"the database's schema is not this program's: {reason}. Run: stocks migrate; or point DB_DEV_NAME to the "
            "database that has it"
        ) from error
