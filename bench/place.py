"""Where benches work: a stack or a database of their own, beside and not in the user's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from include.errors import Permanent
from include.settings import PROJECT, environment
from include.stack.database import LocalDatabase
from include.stack.local import local_stack
from include.stack.program import start, stop
from include.stack.programs import Options
from include.stack.screen import Screen
from include.stack.starting import RunningStack
from include.stores.migrations import migrate
from include.stores.postgres import Database

_PORTS = ("AIRFLOW_PORT", "KAFKA_PORT", "KAFKA_CONTROLLER_PORT", "MARKET_PORT", "MONGO_PORT")


@contextmanager
def bench_stack(home: Path, options: Options, **settings: str) -> Iterator[RunningStack]:
    """A whole local stack in ``home``, on free ports."""
    own = {"STOCKS_HOME": str(home), "SCRAPE_SCHEDULE": "off", **dict.fromkeys(_PORTS, "0"), **settings}
    with local_stack(options, Screen(), lambda: environment() | own) as stack:
        yield stack


@contextmanager
def scratch_database(home: Path) -> Iterator[Database]:
    """A migrated, empty database of its own."""
    server = LocalDatabase(home / "postgres", home / "logs" / "postgres.log")
    program = server.prepare()
    process = start(program)
    try:
        server.wait_ready(program, process)
        server.drop("bench")
        server.create("bench")
        migrate(server.parameters("bench"))
        database = Database(server.parameters("bench"))
        yield database
        database.close()
    finally:
        stop(process, program.stop_signal)
        server.discard_socket_folder()


def scrape(stack: RunningStack, *regions: str) -> dict[str, Any]:
    """One run to its end; its summary. Raises Permanent unless it succeeded."""
    arguments = ("scrape", "--regions", ",".join(regions), "--wait", "--json")
    done = stocks(stack.environment, *arguments)
    if done.returncode != 0:
        raise Permanent(f"the scrape of {', '.join(regions)} failed: {done.stdout[-500:]} {done.stderr[-500:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def stocks(env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one `stocks` command with the settings of a stack."""
    command = [sys.executable, "-m", "include.cli", *arguments]
    return subprocess.run(command, env=dict(env), cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
