"""Run a command as `nobody`: PostgreSQL refuses to run as root.

    python unprivileged.py OWN_PATH… -- COMMAND…

Started as root by the stack, as a script and with the standard library alone. `nobody` must reach the
programs and the data folder; where a folder above them is closed to others (a clone below /root, say), the
command keeps one capability that lets it pass, instead of those folders being opened to everybody.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
from pathlib import Path

_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_SEARCH_BY_OTHERS = 0o001


def reachable(path: Path, user_id: int) -> bool:
    """Whether that user may pass through every folder above ``path``, as its owner or as anybody."""
    above = [folder.stat() for folder in path.resolve().parents]
    return all(folder.st_uid == user_id or folder.st_mode & _SEARCH_BY_OTHERS for folder in above)


def become(user: pwd.struct_passwd, *, passing: bool) -> None:
    """Give up root for good; ``passing`` keeps the right to pass closed folders (Linux)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if passing:
        capability = _CAP_DAC_READ_SEARCH if _permitted() >> _CAP_DAC_READ_SEARCH & 1 else _CAP_DAC_OVERRIDE
        _checked(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    if passing:
        mask = 1 << capability
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        _checked(libc.capset(header, (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)))
        _checked(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def _permitted() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("CapPrm")).split()[1], 16)


def _checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), "PostgreSQL cannot run as nobody here: " + os.strerror(ctypes.get_errno()))


def main(arguments: list[str]) -> None:
    """Become `nobody`, then the command."""
    split = arguments.index("--")
    paths, command = arguments[:split], arguments[split + 1 :]
    nobody = pwd.getpwnam("nobody")
    closed = [path for path in paths if not reachable(Path(path), nobody.pw_uid)]
    become(nobody, passing=bool(closed) and sys.platform == "linux")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
