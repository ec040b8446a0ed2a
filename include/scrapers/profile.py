"""The folder of one running browser, and what a killed worker left behind.

A worker that is killed cannot stop its browser. Every browser runs in a folder of its own whose lock
its worker holds; the lock falls with the worker, however it died, and the next worker that starts
takes the lock, ends what still runs with that folder on its command line, and removes the folder.

What the browser and its driver put aside for a while goes into a second folder, with a path that is
short enough for a socket; the first one names it, so that it is removed with it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from include.errors import Unfit

_LOCK = "lock"
_ASIDE = "aside"  # a link in the profile to the folder for temporary files
_ASIDE_PREFIX = "stocks-browser-"
_DEAD_WITHIN_S = 10.0
_PS = ("/bin/ps", "-ww", "-axo", "pid=,args=")  # where there is no /proc
_PROC = Path("/proc")


class Profile:
    """A fresh folder for one browser, locked while this process lives. Raises Unfit if none can be made.

    ``aside`` is where the browser's and the driver's temporary files belong (``TMPDIR``).
    """

    def __init__(self, parent: Path) -> None:
        try:
            parent.mkdir(parents=True, exist_ok=True)
            with _alone(parent):
                self.path = Path(tempfile.mkdtemp(prefix="profile-", dir=parent))
                self._lock = _locked(self.path)
            self.aside = Path(tempfile.mkdtemp(prefix=_ASIDE_PREFIX))
            (self.path / _ASIDE).symlink_to(self.aside)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unfit(f"no folder for a browser can be made in {parent} ({reason}); free or mend it") from error

    def remove(self) -> None:
        """End what still runs in the folder and remove it. Safe to repeat."""
        _discard(self.path)
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def sweep(parent: Path) -> int:
    """Remove the folders under ``parent`` whose worker is gone, with their processes; -> how many there were."""
    if not parent.is_dir():
        return 0
    swept = 0
    with _alone(parent):
        for folder in sorted(parent.glob("profile-*")):
            lock = _locked(folder)
            if lock is not None:  # else its worker lives
                _discard(folder)
                lock.close()
                swept += 1
    return swept


def _discard(folder: Path) -> None:
    """End what runs in ``folder``; remove it, and the folder that it names for temporary files."""
    end_processes_of(folder)
    link = folder / _ASIDE
    if link.is_symlink() and (aside := link.readlink()).name.startswith(_ASIDE_PREFIX):
        shutil.rmtree(aside, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def end_processes_of(folder: Path) -> list[int]:
    """Kill every process that names ``folder`` on its command line (the driver, the browser); -> their ids.

    The browser's children end with it. The name was made at random: nothing else has it. When it returns they are
    gone, or were given some seconds: who still writes would put files into a folder that is being removed.
    """
    found = _naming(folder)
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + _DEAD_WITHIN_S
    while found and _naming(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def _naming(folder: Path) -> list[int]:
    return [pid for pid, command in _commands() if str(folder) in command and pid != os.getpid()]


def _commands() -> Iterator[tuple[int, str]]:
    """The id and the command line of every process of this machine."""
    if _PROC.joinpath("self", "cmdline").exists():
        for process in _PROC.glob("[0-9]*"):
            with suppress(OSError):  # it may have ended meanwhile
                yield (
                    int(process.name),
                    (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"),
                )
        return
    listing = subprocess.run(_PS, capture_output=True, text=True, check=True, timeout=20)  # noqa: S603  a literal
    for line in listing.stdout.splitlines():
        pid, _, args = line.strip().partition(" ")
        yield int(pid), args


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """Between a folder's making and its locking nobody sweeps."""
    with (parent / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _locked(folder: Path) -> IO[str] | None:
    """The lock of ``folder``, None while another process holds it."""
    lock = (folder / _LOCK).open("w")  # not inherited by the browser: Python's files never are
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock
