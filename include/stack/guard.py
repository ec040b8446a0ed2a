"""The guard ends the stack when its supervisor cannot: after a ``kill -9``, or when the terminal takes it along.

    python -m include.stack.guard MARK FILE

It reads the stack's members from its standard input, one JSON line each. Only the supervisor holds the other end
of that pipe, so its end is the supervisor's end, whatever ended it. ``null`` means that all is in order. FILE is what
tells other commands of this stack, and goes with it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from include.stack.ending import MARK, Member, end
from include.stack.program import Program

_LINE = msgspec.json.Decoder(Member | None)


class Guard:
    """The supervisor's end of the pipe."""

    def __init__(self, program: Program) -> None:
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.command,
                env=dict(program.env),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def tell(self, member: Member) -> None:
        """Let it know a member; one of the same name replaces it."""
        self._write(member)

    def dismiss(self) -> None:
        """All is in order: it ends and does nothing."""
        self._write(None)
        self._process.communicate(timeout=10)

    def _write(self, member: Member | None) -> None:
        stdin = self._process.stdin
        if stdin is None or self._process.poll() is not None:
            return
        with suppress(BrokenPipeError):  # it was killed just now: the stack runs on without it
            stdin.write(msgspec.json.encode(member) + b"\n")
            stdin.flush()


def guard_program(mark: str, file: Path, log: Path, env: dict[str, str]) -> Program:
    """How the guard of the stack ``mark`` is run; it must not carry the mark that it sweeps."""
    own = {name: value for name, value in env.items() if name != MARK}
    return Program("guard", (sys.executable, "-m", "include.stack.guard", mark, str(file)), own, log)


def main(mark: str, file: Path) -> None:
    """Read members until the pipe ends, then end them."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    members: dict[str, Member] = {}
    for line in sys.stdin.buffer:
        found = _LINE.decode(line)
        if found is None:
            return
        members[found.name] = found
    sys.stdout.write(f"the supervisor of {mark} is gone: ending {', '.join(members) or 'nothing'}\n")
    file.unlink(missing_ok=True)
    end(members.values(), mark)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
