"""A worker's name: unique on its machine while it runs, and the file that says where it listens."""

from __future__ import annotations

import fcntl
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from include.contracts.tasks import Station
from include.errors import ConfigurationError

_SLOTS = 1000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class WorkerFile(msgspec.Struct, frozen=True):
    """``STOCKS_HOME/workers/NAME.json``: a running worker, as the stack and the monitor find it."""

    name: str
    stage: str
    pid: int
    port: int
    started_at: datetime


def folder_of(home: Path) -> Path:
    """Where the files of all workers are."""
    return home / "workers"


@contextmanager
def claim(home: Path, stage: Station, wanted: str | None) -> Iterator[str]:
    """The name ``wanted``, or the first free one of stage, host and slot, held for the block.

    Raises ConfigurationError when a running worker has that name already.
    """
    folder = folder_of(home)
    folder.mkdir(parents=True, exist_ok=True)
    if wanted is not None and not _NAME.fullmatch(wanted):
        raise ConfigurationError(f"--name {wanted!r} is malformed. It expects: letters, digits, dots and dashes")
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:60]
    names = [wanted] if wanted else (f"{stage}-{host}-{slot}" for slot in range(1, _SLOTS))
    for name in names:
        lock = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        try:
            yield name
        finally:
            os.close(lock)
        return
    raise ConfigurationError(f"a worker with the name {wanted or stage} is running already; choose another --name")


@contextmanager
def announced(home: Path, name: str, stage: Station, port: int) -> Iterator[None]:
    """For the block, a file says that this worker runs and where it listens."""
    path = folder_of(home) / f"{name}.json"
    described = WorkerFile(name, stage, os.getpid(), port, datetime.now(UTC))
    partial = path.with_suffix(".partial")
    partial.write_bytes(msgspec.json.encode(described))
    partial.replace(path)  # readers see all of it or nothing
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
