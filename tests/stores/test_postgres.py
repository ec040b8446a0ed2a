"""What becomes of a transaction when PostgreSQL goes away in the middle of it (real server)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from threading import Barrier

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from include.errors import Transient
from include.stores.postgres import Database

pytestmark = pytest.mark.stack


@pytest.fixture
def noted(database: Database) -> Database:
    _do(database, "CREATE TABLE noted (n integer PRIMARY KEY, said text)")
    return database


def _do(database: Database, statement: str) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(statement)


def _noted(database: Database) -> list[int]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT n FROM noted ORDER BY n")
        return [n for (n,) in cursor.fetchall()]


def _end(other: Database, *connections: Connection) -> None:
    """End these backends as an operator would, and wait until they are gone."""
    with psycopg2.connect(**other.parameters) as operator, operator.cursor() as cursor:
        for connection in connections:
            cursor.execute("SELECT pg_terminate_backend(%s, 60000)", (connection.info.backend_pid,))
            assert cursor.fetchone() == (True,)
    operator.close()


def test_a_backend_that_is_ended_in_a_transaction_is_transient_and_leaves_nothing(noted: Database) -> None:
    with pytest.raises(Transient, match="lost the connection"), noted.transaction() as connection:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO noted VALUES (1)")
        _end(noted, connection)
    assert _noted(noted) == []


def test_a_failure_of_our_own_is_not_hidden_by_a_connection_that_died_meanwhile(noted: Database) -> None:
    with pytest.raises(KeyError, match="ours"), noted.transaction() as connection:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO noted VALUES (1)")
        _end(noted, connection)
        raise KeyError("ours")
    assert _noted(noted) == []


def test_a_server_that_went_costs_one_failure_and_not_one_per_connection(noted: Database) -> None:
    with ExitStack() as stack:
        several = [stack.enter_context(noted.transaction()) for _ in range(5)]
    _end(noted, *several)
    with pytest.raises(Transient):
        _do(noted, "SELECT 1")
    for n in range(5):
        _do(noted, f"INSERT INTO noted VALUES ({n})")
    assert _noted(noted) == [0, 1, 2, 3, 4]


def test_more_threads_than_connections_are_transient(noted: Database) -> None:
    small = Database(noted.parameters, size=1)
    with small.transaction(), pytest.raises(Transient, match="all 1 connections"):
        _do(small, "SELECT 1")
    _do(small, "INSERT INTO noted VALUES (1)")
    small.close()
    assert _noted(noted) == [1]


def test_a_deadlock_is_transient_and_keeps_the_connection(noted: Database) -> None:
    _do(noted, "INSERT INTO noted VALUES (1), (2)")
    both = Barrier(2)

    def lock(first: int, second: int) -> str:
        try:
            with noted.transaction() as connection, connection.cursor() as cursor:
                cursor.execute("UPDATE noted SET said = 'x' WHERE n = %s", (first,))
                both.wait(60)
                cursor.execute("UPDATE noted SET said = 'y' WHERE n = %s", (second,))
        except Transient as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(2) as threads:
        said = sorted(future.result(120) for future in [threads.submit(lock, 1, 2), threads.submit(lock, 2, 1)])
    assert "deadlock" in said[0]
    assert said[1] == "done"


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("INSERT INTO noted VALUES (1), (1)", psycopg2.IntegrityError),
        ("INSERT INTO noted VALUES ('x')", psycopg2.DataError),
        ("SELECT * FROM nowhere", psycopg2.ProgrammingError),
        ("CREATE INDEX ON noted (said); INSERT INTO noted SELECT 1, string_agg(md5(i::text), '') "
         "FROM generate_series(1, 500) AS i", psycopg2.errors.ProgramLimitExceeded),
    ],
)  # fmt: skip
def test_what_the_data_is_to_blame_for_is_not_transient(
    noted: Database, statement: str, error: type[psycopg2.Error]
) -> None:
    with pytest.raises(error):
        _do(noted, statement)
    assert _noted(noted) == []


def test_a_statement_that_an_operator_cancels_is_transient(noted: Database) -> None:
    with pytest.raises(Transient, match="cancelled"):
        _do(noted, "SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(10)")


def test_a_server_that_became_a_standby_is_transient(noted: Database) -> None:
    with pytest.raises(Transient, match="read-only"):
        _do(noted, "SET TRANSACTION READ ONLY; INSERT INTO noted VALUES (1)")


def test_a_pool_that_is_closed_while_a_transaction_runs_lets_it_end(noted: Database) -> None:
    other = Database(noted.parameters, size=1)
    with pytest.raises(Transient), other.transaction() as connection:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO noted VALUES (1)")
    assert connection.closed


def test_who_stands_still_amid_a_transaction_keeps_its_rows_from_nobody(noted: Database) -> None:
    with (
        closing(Database(noted.parameters, size=1, idle_s=0.5)) as still,
        pytest.raises(Transient),
        still.transaction() as connection,
        connection.cursor() as cursor,
    ):
        with suppress(psycopg2.Error):  # where this test itself is made to stand still, before it has written
            cursor.execute("INSERT INTO noted VALUES (1)")
        _do(noted, "INSERT INTO noted VALUES (1)")  # waits for the first, which says nothing more
        cursor.execute("SELECT 1")
    assert _noted(noted) == [1]
