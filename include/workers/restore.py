"""Backups of ticks back into a store: each tick once, a line that is no tick named, whatever else is there kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO

import msgspec

from include.contracts.prices import Tick
from include.errors import Permanent
from include.stores.base import Store
from include.workers.restore_reading import UNREADABLE, Line, lines_of, tick_of

_BATCH = 5_000
_FAULTS_NAMED = 100

Progress = Callable[[int], None]


class Fault(msgspec.Struct, frozen=True):
    """Something that was not restored: a line of a file (the header is line 1), or all after it."""

    file: str
    line: int
    why: str


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a restore: lines ``read`` = ``new`` + ``already_there`` + ``refused``.

    ``oldest_at`` is the earliest moment of a tick. ``faults`` name the first hundred lines that were refused, and
    files that could not be read to their end; without one, everything is in the store.
    """

    files: tuple[str, ...]
    read: int
    new: int
    already_there: int
    refused: int
    oldest_at: datetime | None
    faults: tuple[Fault, ...]


def restore(files: Sequence[Path], store: Store[Tick], progress: Progress = lambda _bytes: None) -> Restored:
    """Bring the ticks of ``files`` into ``store``; ``progress`` is told of bytes as they are done. Raises Transient.

    What was restored before a failure stays, so the same call can be repeated.
    """
    account = _Account(store)
    for file in files:
        account.restore(file, progress)
    return account.result(files)


class _Account:
    """What was read and what became of it."""

    def __init__(self, store: Store[Tick]) -> None:
        self._store = store
        self._read = self._new = self._refused = 0
        self._oldest_at: datetime | None = None
        self._faults: list[Fault] = []

    def restore(self, file: Path, progress: Progress) -> None:
        """Bring one file into the store, as far as it can be read."""
        try:
            raw = file.open("rb")
        except OSError as error:  # compressed, or removed as the oldest, since it was looked at
            self._name(file, 0, f"it cannot be read any more: {error.strerror}")
            return
        with raw:
            done, lines = 0, self._readable(file, raw)
            while batch := list(islice(lines, _BATCH)):
                self._keep(file, batch)
                progress(raw.tell() - done)
                done = raw.tell()

    def _readable(self, file: Path, raw: IO[bytes]) -> Iterator[Line]:
        """The lines up to where the file is damaged."""
        number = 1
        try:
            for number, line in lines_of(raw):
                yield number, line
        except UNREADABLE as error:
            self._name(file, number, f"nothing can be read after this line: {error}")

    def result(self, files: Sequence[Path]) -> Restored:
        """All of it."""
        return Restored(
            files=tuple(map(str, files)),
            read=self._read,
            new=self._new,
            already_there=self._read - self._new - self._refused,
            refused=self._refused,
            oldest_at=self._oldest_at,
            faults=tuple(self._faults),
        )

    def _keep(self, file: Path, lines: Sequence[Line]) -> None:
        ticks: list[Tick] = []
        numbers: list[int] = []
        for number, line in lines:
            try:
                ticks.append(tick_of(line))
                numbers.append(number)
            except Permanent as error:
                self._refuse(file, number, str(error))
        written = self._store.write(ticks)
        for refusal in written.refused:
            self._refuse(file, numbers[refusal.position], refusal.why)
        self._read += len(lines)
        self._new += written.new
        known = () if self._oldest_at is None else (self._oldest_at,)
        self._oldest_at = min((*known, *(tick.ticked_at for tick in ticks)), default=None)

    def _refuse(self, file: Path, number: int, why: str) -> None:
        self._refused += 1
        self._name(file, number, why)

    def _name(self, file: Path, number: int, why: str) -> None:
        if len(self._faults) < _FAULTS_NAMED:
            self._faults.append(Fault(str(file), number, why))
