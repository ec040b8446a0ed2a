"""How a store of prices writes into PostgreSQL: one transaction, and every failure named by what happens next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import connection as Connection

from include.errors import Transient
from include.stores.postgres import Database

# What a message is to blame for.
_OF_THE_DATA = (psycopg2.DataError, psycopg2.IntegrityError, errors.ProgramLimitExceeded)


@contextmanager
def writing(database: Database, table: str) -> Iterator[Connection]:
    """A transaction that writes a batch into ``table``.

    Raises Transient, also for a table that is missing or denied: a person can mend that while the batch waits, and
    nothing is wrong with its messages. What the data is to blame for stays psycopg2's own error.
    """
    try:
        with database.transaction() as connection:
            yield connection
    except _OF_THE_DATA:
        raise
    except errors.UndefinedTable as error:
        raise Transient(f"{table} is not there; migrate the database with: stocks migrate ({_said(error)})") from error
    except errors.InsufficientPrivilege as error:
        raise Transient(f"this user may not write into {table}; grant it SELECT and INSERT ({_said(error)})") from error
    except psycopg2.Error as error:
        raise Transient(f"PostgreSQL cannot write into {table}: {_said(error)}") from error


def _said(error: psycopg2.Error) -> str:
    return str(error).strip().partition("\n")[0]
