"""A nearly full disk pauses the worker before anything is cut short."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_LOOK_EVERY_S = 5.0
_MIB = 2**20


class DiskWatch:
    """Says which of ``folders`` has less than ``minimum_mib`` left, looking every few seconds."""

    def __init__(
        self, folders: Iterable[Path], minimum_mib: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folders = tuple(folders)
        self._minimum_mib = minimum_mib
        self._clock = clock
        self._due = 0.0
        self._fault: str | None = None

    def fault(self) -> str | None:
        """What is wrong, or None."""
        if self._clock() >= self._due:
            self._due = self._clock() + _LOOK_EVERY_S
            self._fault = self._look()
        return self._fault

    def _look(self) -> str | None:
        for folder in self._folders:
            free_mib = shutil.disk_usage(folder).free // _MIB
            if free_mib < self._minimum_mib:
                return f"only {free_mib} MiB are free at {folder}; free some, {self._minimum_mib} MiB are needed"
        return None
