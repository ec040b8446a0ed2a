"""PostgreSQL: one pool per process, one transaction per block.

A lost connection is Transient: the caller's work is repeated, and every effect is idempotent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.pool import ThreadedConnectionPool

from include.errors import Transient

_DISK_FULL = "53100"


class Database:
    """A pool of connections that hands out transactions.

    ``parameters`` are psycopg2's own (``DatabaseSettings.connection``); connections open lazily and
    at most ``size`` exist at once, so ``size`` must cover the threads of the process.
    """

    def __init__(self, parameters: Mapping[str, Any], *, size: int = 32) -> None:
        self._parameters = {"connect_timeout": 10, "application_name": "stocks"} | dict(parameters)
        self._pool = ThreadedConnectionPool(0, size, **self._parameters)
        # psycopg2 opens `minconn` connections at once and closes what comes back beyond them;
        # raised afterwards, connections open lazily and are then kept.
        self._pool.minconn = size

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Keyword arguments of psycopg2.connect and psycopg.connect."""
        return self._parameters

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose work is committed at the end of the block, or rolled back. Raises Transient."""
        try:
            connection = self._pool.getconn()
        except psycopg2.OperationalError as error:
            raise Transient(f"PostgreSQL at {self._parameters['host']} does not answer: {error}".strip()) from error
        try:
            yield connection
            connection.commit()
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            _discard(connection)
            reason = "has no disk space left" if error.pgcode == _DISK_FULL else "lost the connection"
            raise Transient(f"PostgreSQL at {self._parameters['host']} {reason}: {error}".strip()) from error
        except BaseException:
            connection.rollback()
            raise
        finally:
            self._pool.putconn(connection, close=bool(connection.closed))

    def close(self) -> None:
        """Close every connection; the pool cannot be used afterwards."""
        self._pool.closeall()


def _discard(connection: Connection) -> None:
    with suppress(psycopg2.Error):  # it may already be gone, which is why we are here
        connection.close()
