"""The local stack as a whole: one on a state folder, ended with all that it started."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from include.settings import Home, environment
from include.stack import trust
from include.stack.database import LocalDatabase
from include.stack.ending import MARK
from include.stack.guard import Guard, guard_program
from include.stack.ports import claim_ports
from include.stack.programs import Options
from include.stack.screen import Screen
from include.stack.starting import RunningStack, Start
from include.stack.state import StateFolder
from include.stack.supervisor import Supervisor


@contextmanager
def local_stack(
    options: Options, screen: Screen, settings: Callable[[], dict[str, str]] = environment
) -> Iterator[RunningStack]:
    """Everything started, and ended with all that it started when the block is left. Raises StocksError."""
    state = StateFolder(Home.from_env(settings()).home)
    with private_files(), _taken(state):
        state.withdraw()  # of a stack that could not do so itself
        try:
            mark = uuid.uuid4().hex[:12]
            env = settings() | {MARK: mark, "STOCKS_HOME": str(state.home), "PYTHONUNBUFFERED": "1"}
            env.pop("PYTHONDONTWRITEBYTECODE", None)  # a dozen programs would compile the same files at every start
            ports = claim_ports(env, local_market=options.market == "local", feeds=options.feeds)
            guard = Guard(guard_program(mark, state.environment_file, state.logs / "guard.log", trust.nobody(env)))
            with Supervisor(guard, mark, screen) as supervisor:
                yield Start(options, screen, state, env, ports, supervisor).run()
        finally:
            state.withdraw()
            LocalDatabase(state.home / "postgres", state.logs / "postgres.log").discard_socket_folder()


@contextmanager
def _taken(state: StateFolder) -> Iterator[None]:
    state.prepare()
    with state.lock():
        yield


@contextmanager
def private_files() -> Iterator[None]:
    """Within the block, what this process and those that it starts write is read by their user alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
