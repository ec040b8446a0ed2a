"""CSV files of ticks: fsynced, rotated by size and day, bounded, each tick once.

Several processes may write into one folder: each batch is written under its lock. Closed files are searched for a
tick only where their times cover it, so ticks that come in about the order of their times cost no look at any of them.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from include.contracts.prices import Tick
from include.errors import Transient
from include.stores import csv_folder
from include.stores.base import Refusal, Written
from include.stores.csv_folder import ClosedFile
from include.stores.csv_growing import GrowingFile
from include.stores.tick_csv import unfit
from include.stores.tick_keys import TickKeys, keys_of_closed

log = logging.getLogger(__name__)

_MIB = 2**20
_LOCKED_S, _LOOK_AGAIN_S = 5.0, 0.01
_REMEMBERED = 2  # closed files whose keys stay in memory


def _today() -> date:
    return datetime.now(UTC).date()


class CsvStore:
    """Ticks in the files of ``folder``, each once; ``total_bytes`` bounds the compressed files, the oldest go first.

    A file is closed when it has ``file_bytes`` or its day (UTC, of writing) is over. Nothing is opened before the
    first write.
    """

    name = "csv"

    def __init__(
        self,
        folder: Path,
        *,
        file_bytes: int = 16 * _MIB,
        total_bytes: int = 1024 * _MIB,
        today: Callable[[], date] = _today,
    ) -> None:
        self._folder = folder
        self._file_bytes = file_bytes
        self._total_bytes = total_bytes
        self._today = today
        self._growing: GrowingFile | None = None
        self._closed: list[ClosedFile] = []
        self._remembered: OrderedDict[Path, TickKeys] = OrderedDict()

    def write(self, messages: Sequence[Tick]) -> Written:
        """Keep what is not there yet, on the disk when this returns.

        Raises Transient: the disk is full or fails, the folder cannot be written, or another process keeps its lock.
        """
        reasons = [(position, why) for position, tick in enumerate(messages) if (why := unfit(tick))]
        refused = tuple(Refusal(position, f"CSV cannot hold it: {why}") for position, why in reasons)
        bad = {position for position, _why in reasons}
        with self._explained(), _locked(self._folder):
            growing = self._ready()
            fit = [tick for position, tick in enumerate(messages) if position not in bad]
            new = self._unknown(growing, fit)
            growing.append(new)
        return Written(len(new), refused)

    def close(self) -> None:
        """Let go of the files; the one that grows goes on growing at the next write."""
        if self._growing is not None:
            self._growing.close()
            self._growing = None

    def _ready(self) -> GrowingFile:
        """The file to write into, once all that is due is closed."""
        if self._growing is None or not self._growing.in_place:
            self._take_over()
        else:
            self._growing.read_on()
        growing, self._growing = self._growing, None
        if growing is not None and growing.is_due(self._file_bytes, self._today()):
            self._shut(growing)
            growing = None
        self._growing = growing or GrowingFile(csv_folder.next_file(self._folder, self._today()))
        return self._growing

    def _take_over(self) -> None:
        """Put in order what was left in the folder, and find the file that grows."""
        self.close()
        self._remembered.clear()
        csv_folder.clear_away(self._folder)
        left = csv_folder.open_files(self._folder)
        for file in left[:-1]:
            self._shut(GrowingFile(file))
        self._closed = csv_folder.closed_files(self._folder)
        if left:
            self._growing = GrowingFile(left[-1])

    def _shut(self, growing: GrowingFile) -> None:
        first_at, last_at = growing.keys.first_at, growing.keys.last_at
        growing.close()
        if first_at is None or last_at is None:
            growing.file.path.unlink()
            return
        shut = csv_folder.compress(growing.file, first_at, last_at)
        self._remember(shut.path, growing.keys)
        self._closed = csv_folder.thin_out(self._folder, self._total_bytes)

    def _unknown(self, growing: GrowingFile, ticks: Sequence[Tick]) -> list[Tick]:
        """The ticks that are in no file yet, each once."""
        by_key = {(t.ticked_at, t.symbol, t.tick_id): t for t in reversed(ticks) if t not in growing.keys}
        found = list(reversed(by_key.values()))
        for file in self._closed:
            if any(file.first_at <= tick.ticked_at <= file.last_at for tick in found):
                known = self._keys(file)
                found = [tick for tick in found if tick not in known]
        return found

    def _keys(self, file: ClosedFile) -> TickKeys:
        keys = self._remembered.get(file.path)
        if keys is None:
            try:
                keys = keys_of_closed(file.path)
            except (OSError, EOFError, UnicodeError, zlib.error) as error:
                log.warning("%s cannot be read, so its ticks may be kept once more: %s", file.path, error)
                keys = TickKeys()
        self._remember(file.path, keys)
        return keys

    def _remember(self, path: Path, keys: TickKeys) -> None:
        self._remembered[path] = keys
        self._remembered.move_to_end(path)
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """The system's failures as Transient; then nothing is believed of the files until they are read again."""
        try:
            yield
        except OSError as error:
            self.close()
            raise Transient(f"ticks cannot be written into {self._folder}: {error.strerror or error}") from error
        except Transient:
            self.close()
            raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """The folder, made if it is not there, is this process's alone. Raises Transient if another does not let go."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + _LOCKED_S
        while not _taken(descriptor):
            if time.monotonic() > deadline:
                raise Transient(f"another process has kept the lock of {folder} for {_LOCKED_S:g} s")
            time.sleep(_LOOK_AGAIN_S)
        yield
    finally:
        os.close(descriptor)  # which lets go of the lock


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
