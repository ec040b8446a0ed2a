"""One program of the stack: how it is started, and how its last words are found."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from include.errors import ConfigurationError, Transient

GRACE_S = 25.0
_TAIL_BYTES = 65536  # one line of JSON with its traceback is several kilobytes
_SHOWN = 400  # characters of a line
_POLL_S = 0.05


class Program(msgspec.Struct, frozen=True):
    """What to run: ``log`` gets both outputs, ``stop_signal`` asks it to end in good order within ``grace_s``."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    cwd: Path | None = None
    stop_signal: int = signal.SIGTERM
    grace_s: float = GRACE_S


def start(program: Program) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that the terminal's signals do not reach it. Raises ConfigurationError."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Appending: the log may be shortened underneath the program while it runs.
        with program.log.open("ab") as log:
            return subprocess.Popen(
                program.command,
                env=dict(program.env),
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise ConfigurationError(f"{program.name} could not be started: {error}") from error


def wait_until(
    ready: Callable[[], bool], program: Program, process: subprocess.Popen[bytes], *, timeout_s: float
) -> None:
    """Wait until ``ready`` says so. Raises Transient with the log's last words if it ends or takes too long."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if process.poll() is not None:
            raise Transient(f"{program.name} ended with exit code {process.returncode}. {last_words(program.log)}")
        if time.monotonic() > deadline:
            raise Transient(f"{program.name} was not ready within {timeout_s:.0f} s. {last_words(program.log)}")
        time.sleep(_POLL_S)


def stop(process: subprocess.Popen[bytes], stop_signal: int, *, grace_s: float = GRACE_S) -> None:
    """Ask it to end, insist after ``grace_s``, and leave nothing of its process group behind."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace_s)
    kill_group(process.pid)
    process.wait()


def kill_group(group: int) -> None:
    """Kill what is left of a process group; nothing left is fine."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
        return


def last_words(log: Path, lines: int = 5) -> str:
    """The last lines of a log and where to read the rest, for a message."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        text = ""
    said = " | ".join([_message(line.strip()) for line in text.splitlines() if line.strip()][-lines:])
    return f"Its last words: {said or 'none'}. The whole log: {log}"


class _LogLine(msgspec.Struct):
    message: str


def _message(line: str) -> str:
    """What a line of a log says, without the rest of its JSON (our own programs write it) and not endlessly."""
    with suppress(msgspec.DecodeError):
        line = msgspec.json.decode(line, type=_LogLine).message
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
