"""The one CSV file of a folder that grows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date

from include.contracts.prices import Tick
from include.stores import csv_folder
from include.stores.csv_folder import OpenFile
from include.stores.tick_csv import HEADER, encode
from include.stores.tick_keys import TickKeys


class GrowingFile:
    """The file that grows, made if it is not there: what is in it, and how much of it is whole. Raises OSError."""

    def __init__(self, file: OpenFile) -> None:
        self.file = file
        exists = file.path.exists()
        self._descriptor = os.open(file.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            if not exists:
                csv_folder.fsync_folder(file.path.parent)
            self._size = 0
            self.keys = TickKeys()
            self.read_on()
        except BaseException:
            self.close()
            raise

    @property
    def in_place(self) -> bool:
        """Whether this file is still the one of its name."""
        try:
            return os.path.samestat(self.file.path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def read_on(self) -> None:
        """Take note of what another process wrote, and cut what a crash tore. Raises OSError."""
        if os.fstat(self._descriptor).st_size == self._size:
            return
        with self.file.path.open("rb") as file:
            file.seek(self._size)
            content = file.read()
        # A crash tears the last line alone: whatever was acknowledged ends with a line's end.
        whole = content.rfind(b"\n") + 1
        os.ftruncate(self._descriptor, self._size + whole)
        self._size += whole
        self.keys.add_lines(content[:whole].decode("utf-8", "replace").split("\n"))

    def is_due(self, most_bytes: int, today: date) -> bool:
        """Whether it has grown enough."""
        return self._size >= most_bytes or self.file.day != today

    def append(self, ticks: Sequence[Tick]) -> None:
        """Write the lines of ``ticks`` and bring them to the disk, all or none. Raises OSError."""
        if not ticks:
            return
        lines = (b"" if self._size else HEADER) + encode(ticks)
        try:
            _write_all(self._descriptor, lines)
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(lines)
        for tick in ticks:
            self.keys.add(tick)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
