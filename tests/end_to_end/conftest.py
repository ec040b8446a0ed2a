"""One real stack for all end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
from canary.planted import KEYS

from end_to_end.stack import Rest, Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack of `stocks up`, with a little latency so that a run has a middle."""
    options = ("--stocks-per-region", "60", "--latency-ms", "100")
    # Somebody's real keys are exported: the local market must never see them.
    found = Stack(tmp_path_factory.mktemp("up") / "home", *options, env=KEYS)
    try:
        yield found
        ours = found.processes()
        code = found.interrupt()
        _ended, left = psutil.wait_procs(ours, timeout=30)  # who was killed may take a moment to be gone
        assert (code, left) == (0, []), found.said
        assert not (found.home / "stack.env").exists()
    finally:
        found.kill()


@pytest.fixture
def rest(stack: Stack) -> Iterator[Rest]:
    """Airflow's REST API, signed in."""
    found = Rest(stack.variables)
    yield found
    found.close()
