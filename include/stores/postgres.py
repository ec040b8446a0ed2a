"""PostgreSQL: one pool per process, one transaction per block.

A lost connection is Transient: the caller's work is repeated, and every effect is idempotent. A server that
refuses the settings is a ConfigurationError. What the data is to blame for (a value that PostgreSQL refuses)
stays psycopg2's own error.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, cast

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import connection as Connection
from psycopg2.pool import PoolError, ThreadedConnectionPool

from include.errors import ConfigurationError, Transient
from include.stores.postgres_refusal import connection_failure

# PostgreSQL's own reasons, where "lost the connection" would mislead.
_REASONS: tuple[tuple[type[psycopg2.Error], str], ...] = (
    (errors.DiskFull, "has no disk space left"),
    (errors.TooManyConnections, "has no connection left"),
    (errors.DeadlockDetected, "ended a deadlock at our cost"),
    (errors.ReadOnlySqlTransaction, "is read-only now"),
    (errors.QueryCanceled, "cancelled a statement"),
)
_PASSING = (psycopg2.OperationalError, psycopg2.InterfaceError, errors.ReadOnlySqlTransaction)


class _Dated(Connection):
    """A connection that knows when it was opened (monotonic seconds)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.opened_at = time.monotonic()
        super().__init__(*args, **kwargs)


class Database:
    """A pool of connections that hands out transactions.

    ``parameters`` are psycopg2's own (``DatabaseSettings.connection``); connections open lazily and
    at most ``size`` exist at once, so ``size`` must cover the threads of the process. A transaction in
    which nothing was asked for ``idle_s`` seconds is ended by the server (Transient): a process that
    stands still, or was cut off, keeps no row from the others.
    """

    def __init__(self, parameters: Mapping[str, Any], *, size: int = 32, idle_s: float | None = None) -> None:
        self._parameters = {"connect_timeout": 10, "application_name": "stocks"} | dict(parameters)
        if idle_s is not None:
            self._parameters["options"] = f"-c idle_in_transaction_session_timeout={round(idle_s * 1000)}"
        self._pool = ThreadedConnectionPool(0, size, connection_factory=_Dated, **self._parameters)
        # psycopg2 opens `minconn` connections at once and closes what comes back beyond them;
        # raised afterwards, connections open lazily and are then kept.
        self._pool.minconn = size
        self._size = size
        self._lost_at = 0.0
        self._was_let_in = False

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Keyword arguments of psycopg2.connect and psycopg.connect."""
        return self._parameters

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose work is committed at the end of the block, or rolled back.

        Raises Transient; and ConfigurationError when the server refuses the settings, unless it took them before.
        """
        connection = self._take()
        try:
            yield connection
            connection.commit()
        except BaseException as error:
            _roll_back(connection)
            if isinstance(error, psycopg2.Error) and _passes(error, connection):
                raise self._transient(error, connection) from error
            raise
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close every connection; the pool cannot be used afterwards."""
        self._pool.closeall()

    def _take(self) -> _Dated:
        """A connection, opened since one was last found dead: a server that went took all others with it."""
        while True:
            try:
                connection = cast(_Dated, self._pool.getconn())
            except psycopg2.OperationalError as error:
                raise self._unconnected(error) from error
            except PoolError as error:
                raise Transient(f"all {self._size} connections of this process are in use: {error}") from error
            self._was_let_in = True
            if connection.opened_at >= self._lost_at:
                return connection
            self._pool.putconn(connection, close=True)

    def _unconnected(self, error: psycopg2.OperationalError) -> ConfigurationError | Transient:
        """Settings that were right until now are not wrong for good: a process that has work in hand waits."""
        failure = connection_failure(error, self._parameters)
        if self._was_let_in and isinstance(failure, ConfigurationError):
            return Transient(f"{failure}. It took these settings before: it is asked again")
        return failure

    def _give_back(self, connection: Connection) -> None:
        try:
            self._pool.putconn(connection, close=bool(connection.closed))
        except PoolError:  # closed meanwhile: this process is ending
            connection.close()

    def _transient(self, error: psycopg2.Error, connection: Connection) -> Transient:
        reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), None)
        if connection.closed:
            self._lost_at = time.monotonic()
        said = reason or ("lost the connection" if connection.closed else "could not do it now")
        return Transient(f"PostgreSQL at {self._parameters['host']} {said}: {error}".strip())


def _passes(error: psycopg2.Error, connection: Connection) -> bool:
    """Whether the same work may succeed later. A limit of PostgreSQL that the data exceeds does not pass."""
    if isinstance(error, errors.ProgramLimitExceeded):
        return False
    # psycopg2 has no one class for a connection that ends in the middle of an answer.
    return isinstance(error, _PASSING) or bool(connection.closed)


def _roll_back(connection: Connection) -> None:
    """Undo the block. Where that fails the connection is of no more use, and the first failure is what counts."""
    try:
        connection.rollback()
    except psycopg2.Error:
        with suppress(psycopg2.Error):
            connection.close()
