"""A connection that PostgreSQL refuses says what to change; one that may come about later is Transient."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from include.errors import ConfigurationError, StocksError, Transient
from include.stack.database import LocalDatabase
from include.stores.migrations import migrate
from include.stores.postgres import Database
from include.stores.postgres_refusal import connection_failure, our_schema

WRONG = "a-canary-for-a-password"
PARAMETERS = {"host": "db.example", "port": 5432, "dbname": "stocks", "user": "ada", "password": WRONG}
AT = 'connection to server at "db.example" (192.0.2.7), port 5432 failed: '

# What PostgreSQL 18 and its client say, word for word.
REFUSED = {
    "password": (
        AT + 'FATAL:  password authentication failed for user "ada"\n',
        "'ada' or its password",
        "DB_PASSWORD",
    ),
    "peer": (AT + 'FATAL:  Peer authentication failed for user "ada"\n', "'ada' or its password", "DB_USER"),
    "none": (AT + "fe_sendauth: no password supplied\n", "wants a password", "DB_PASSWORD"),
    "role": (AT + 'FATAL:  role "ada" does not exist\n', "refuses the user 'ada'", "DB_USER"),
    "login": (AT + 'FATAL:  role "ada" is not permitted to log in\n', "refuses the user 'ada'", "DB_USER"),
    "database": (AT + 'FATAL:  database "stocks" does not exist\n', "no database 'stocks'", "DB_DEV_NAME"),
    "connect": (
        AT + 'FATAL:  permission denied for database "stocks"\nDETAIL:  User does not have CONNECT privilege.\n',
        "does not let the user 'ada' into the database 'stocks'",
        "GRANT CONNECT",
    ),
    "hba": (
        AT + 'FATAL:  no pg_hba.conf entry for host "192.0.2.1", user "ada", database "stocks", no encryption\n',
        "lets nobody in as 'ada' on 'stocks'",
        "pg_hba.conf",
    ),
    "one address of two": (
        'connection to server at "localhost" (::1), port 5432 failed: Connection refused\n'
        "\tIs the server running on that host and accepting TCP/IP connections?\n"
        'connection to server at "localhost" (127.0.0.1), port 5432 failed: '
        'FATAL:  password authentication failed for user "ada"\n',
        "'ada' or its password",
        "DB_PASSWORD",
    ),
}
PASSING = {
    "starting": (AT + "FATAL:  the database system is starting up\n", "takes no connection now: the database system"),
    "full": (AT + "FATAL:  sorry, too many clients already\n", "takes no connection now: sorry"),
    "closed": (AT + 'FATAL:  database "stocks" is not currently accepting connections\n', "takes no connection now"),
    "nobody": (
        AT + "Connection refused\n\tIs the server running on that host?\n",
        "does not answer.*DB_HOST and DB_PORT",
    ),
    "silent": (AT + "timeout expired\n", "does not answer.*Check that it runs"),
    "unknown": (
        'could not translate host name "db.example" to address: Name or service not known\n',
        "cannot be found.*Check DB_HOST",
    ),
}


@pytest.mark.parametrize(("said", "what", "advice"), REFUSED.values(), ids=REFUSED)
def test_what_a_person_must_change_is_a_configuration_error(said: str, what: str, advice: str) -> None:
    failure = connection_failure(psycopg2.OperationalError(said), PARAMETERS)
    assert isinstance(failure, ConfigurationError)
    assert str(failure).startswith("PostgreSQL at db.example ")
    assert what in str(failure)
    assert advice in str(failure)
    assert WRONG not in str(failure)


@pytest.mark.parametrize(("said", "pattern"), PASSING.values(), ids=PASSING)
def test_what_may_pass_is_transient_and_one_line(said: str, pattern: str) -> None:
    failure = connection_failure(psycopg2.OperationalError(said), PARAMETERS)
    with pytest.raises(Transient, match=pattern):
        raise failure
    assert "\n" not in str(failure)


def test_a_socket_that_is_not_there_says_how_to_start_a_stack() -> None:
    said = 'connection to server on socket "/x/.s.PGSQL.5432" failed: No such file or directory\n\tIs it running?\n'
    failure = connection_failure(psycopg2.OperationalError(said), PARAMETERS | {"host": "/x"})
    assert isinstance(failure, Transient)
    assert "stocks up" in str(failure)


def _connect(parameters: Mapping[str, Any]) -> None:
    with closing(Database(parameters, size=1)) as database, database.transaction():
        pass


@pytest.mark.stack
class TestOfARealServer:
    """Its own words still fit, by whichever client they come."""

    @pytest.fixture
    def renamed(self, postgres: LocalDatabase, database: Database) -> Iterator[Database]:
        """A database that a process has used already, and that nobody finds under its name now."""
        name = database.parameters["dbname"]
        used = Database(database.parameters, size=1)
        with used.transaction() as connection:
            backend = connection.info.backend_pid
        with closing(psycopg2.connect(**postgres.parameters("postgres"))) as operator, operator.cursor() as cursor:
            operator.autocommit = True
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [backend])
            cursor.execute(f"ALTER DATABASE {name} RENAME TO {name}_away")
            yield used
            cursor.execute(f"ALTER DATABASE {name}_away RENAME TO {name}")
        used.close()

    @pytest.mark.parametrize("connect", [_connect, migrate], ids=["psycopg2", "Alembic"])
    def test_a_wrong_password_is_refused_and_not_repeated(
        self, database: Database, connect: Callable[[Mapping[str, Any]], None]
    ) -> None:
        with pytest.raises(ConfigurationError, match="refuses the user 'stocks' or its password") as refusal:
            connect(dict(database.parameters) | {"password": WRONG})
        assert WRONG not in str(refusal.value)

    def test_a_database_that_does_not_exist_is_named(self, database: Database) -> None:
        with pytest.raises(ConfigurationError, match="has no database 'nowhere'"):
            _connect(dict(database.parameters) | {"dbname": "nowhere"})

    def test_a_database_that_was_never_migrated_says_what_to_do(self, postgres: LocalDatabase) -> None:
        with (
            closing(Database(postgres.parameters("postgres"), size=1)) as empty,
            pytest.raises(ConfigurationError, match=r'relation "runs" does not exist.*stocks migrate'),
            our_schema(),
            empty.transaction() as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT run_id FROM runs")

    def test_whoever_was_let_in_before_waits_instead_of_giving_up(self, renamed: Database) -> None:
        with pytest.raises(StocksError), renamed.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # the connection of before: it is lost
        with pytest.raises(Transient, match="It took these settings before"), renamed.transaction():
            pass
