"""A real part that runs for as long as a test needs it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from include.stack.broker import LocalBroker
from include.stack.database import LocalDatabase
from include.stack.ending import member
from include.stack.guard import Guard, guard_program
from include.stack.mongo import LocalMongo
from include.stack.program import start, stop


@contextmanager
def running(part: LocalBroker | LocalDatabase | LocalMongo, home: Path) -> Iterator[None]:
    """The part runs for the block; a guard ends it if these tests are killed."""
    program = part.prepare()
    guard = Guard(guard_program(uuid.uuid4().hex, home / "none", home / "guard.log", dict(os.environ)))
    process = start(program)
    try:
        known = member(program.name, process.pid, program.stop_signal, 0)
        if known is not None:
            guard.tell(known)
        part.wait_ready(program, process)
        yield
    finally:
        stop(process, program.stop_signal)
        guard.dismiss()


@contextmanager
def postgres_away(parameters: Mapping[str, Any]) -> Iterator[None]:
    """Nobody can connect to the database of ``parameters``, and whoever was connected is thrown out."""
    name = parameters["dbname"]
    connection = psycopg2.connect(**{**parameters, "dbname": "postgres"})
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    connection.close()
