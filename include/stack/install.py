"""`make install`: a virtual environment with exactly what the lock names, and the command `stocks` in it.

    python3 include/stack/install.py requirements.txt

Run by the system's Python before anything is installed, so the standard library is all there is. A second call with
the same lock does nothing. Every package is held against its hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
VENV = PROJECT / ".venv"
STAMP = VENV / "installed.json"
INSTALLER = VENV / "installer"  # apart, so that it is no package of ours
OLDEST, NEWER_THAN_ALL = (3, 11), (3, 15)
QUIET_S = 10  # where no line can be rewritten, progress is a line in so many seconds
# The development lock holds all of the other one, in the same versions.
INCLUDES = {"requirements-dev.txt": ("requirements.txt",)}
MIRRORS = (
    "Behind a mirror, set PIP_INDEX_URL (or index-url in pip.conf); behind a proxy, HTTPS_PROXY; "
    "with a certificate authority of your own, SSL_CERT_FILE and PIP_CERT."
)
_LAUNCHER = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
'''
from include.cli import main
main()
"""


class Failed(Exception):
    """The installation cannot go on; the message says why and what to do."""


def main(lock: str) -> int:
    """Install what ``lock`` (a file of the project) names, unless it is installed already. The exit code."""
    try:
        check_python(sys.version_info[:2])
        if installed(lock):
            return 0
        began = time.monotonic()
        if not (VENV / "bin" / "python").exists():
            make_venv()
        install(lock)
        link()
        STAMP.write_text(json.dumps(stamp(lock)), encoding="utf-8")
        say(f"installed in {time.monotonic() - began:.0f} s")
    except Failed as failure:
        say(str(failure))
        return 2
    return 0


def check_python(version: tuple[int, ...]) -> None:
    """Raises Failed for a Python that the lock does not cover."""
    if not OLDEST <= version < NEWER_THAN_ALL:
        raise Failed(
            f"this is Python {version[0]}.{version[1]}, and stocks needs 3.11 to 3.14. "
            "Install one, or name it: make PYTHON=/path/to/python3.11 ..."
        )


def stamp(lock: str) -> dict[str, str]:
    """What an installation of ``lock`` is known by: the content of each lock that it satisfies, and where it is."""
    locks = (lock, *INCLUDES.get(lock, ()))
    known = {name: hashlib.sha256((PROJECT / name).read_bytes()).hexdigest() for name in locks}
    return {**known, "python": sys.version, "project": str(PROJECT)}


def installed(lock: str) -> bool:
    """Whether the environment already holds what ``lock`` names."""
    try:
        known = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    wanted = stamp(lock)
    return all(known.get(name) == wanted[name] for name in (lock, "python", "project"))


def make_venv() -> None:
    """Make the virtual environment; Debian keeps what that needs in a package of its own."""
    say("making the virtual environment .venv")
    if _venv() or (_install_debian_venv() and _venv()):
        return
    raise Failed("the virtual environment could not be made. On Debian or Ubuntu: apt-get install python3-venv")


def install(lock: str) -> None:
    """Bring the environment to what the lock names, no more and no less."""
    say(f"installing the packages of {lock} (the first time downloads about 300 MB)")
    packages = str(PROJECT / lock)
    if bootstrap() and _uv("pip", "sync", "--require-hashes", "--compile-bytecode", packages):
        return
    # uv has settings of its own for mirrors and certificates; whoever has set pip's alone is served by pip.
    say("uv could not install them (see above); trying pip, which is slower")
    if not _pip("install", "--require-hashes", "--requirement", packages):
        raise Failed(f"the packages of {lock} could not be had (pip names the one, above). {MIRRORS}")


def bootstrap() -> bool:
    """Have uv, in its pinned version."""
    target = INSTALLER / hashlib.sha256((PROJECT / "requirements-installer.txt").read_bytes()).hexdigest()[:12]
    if not (target / "bin" / "uv").exists():
        shutil.rmtree(INSTALLER, ignore_errors=True)
        pinned = str(PROJECT / "requirements-installer.txt")
        _pip("install", "--quiet", "--no-compile", "--target", str(target), "--require-hashes", "--requirement", pinned)
    return (target / "bin" / "uv").exists()


def link() -> None:
    """Make the project importable and `stocks` a command, both from the working tree."""
    (packages,) = (VENV / "lib").glob("python3*/site-packages")
    (packages / "stocks-project.pth").write_text(f"{PROJECT}\n", encoding="utf-8")
    launcher = VENV / "bin" / "stocks"
    launcher.unlink(missing_ok=True)
    launcher.write_text(_LAUNCHER.format(python=VENV / "bin" / "python"), encoding="utf-8")
    launcher.chmod(0o755)


def say(line: str) -> None:
    """One line of progress."""
    sys.stdout.write(f"stocks: {line}\n")
    sys.stdout.flush()


def _venv() -> bool:
    return _run(sys.executable, "-m", "venv", "--clear", str(VENV))


def _install_debian_venv() -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say("installing python3-venv with apt-get")
    return _run("apt-get", "--quiet", "update") and _run("apt-get", "--quiet", "install", "--yes", "python3-venv")


def _pip(*arguments: str) -> bool:
    return _run(str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", *arguments)


def _uv(*arguments: str) -> bool:
    (uv,) = INSTALLER.glob("*/bin/uv")
    env = {"UV_SYSTEM_CERTS": "1"}  # what the system trusts, as the user's other programs do
    for variable, setting in (("UV_DEFAULT_INDEX", "index-url"), ("SSL_CERT_FILE", "cert")):
        value = _pip_setting(setting)
        if value is not None and variable not in os.environ:
            env[variable] = value
    return _run_watched(str(uv), *arguments, "--python", str(VENV / "bin" / "python"), env=env)


def _pip_setting(name: str) -> str | None:
    """A setting of pip's, from its variables or its files: what serves pip shall serve uv."""
    variable = "PIP_" + name.upper().replace("-", "_")
    if os.environ.get(variable):
        return os.environ[variable]
    command = [str(VENV / "bin" / "python"), "-m", "pip", "config", "get", f"global.{name}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout.strip() or None) if done.returncode == 0 else None


def _run(*command: str) -> bool:
    return subprocess.run(command, env=_environment({}), check=False).returncode == 0


def _run_watched(*command: str, env: dict[str, str]) -> bool:
    """Run it with its last line shown as progress; all that it said is shown only when it fails."""
    lines: list[str] = []
    shown = Progress(moves=sys.stdout.isatty())
    with subprocess.Popen(
        command, env=_environment(env), text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            shown.show(line.strip())
    shown.clear()
    if process.returncode != 0:
        sys.stdout.writelines(lines)
    return process.returncode == 0


class Progress:
    """The newest line of a program: rewritten in place on a terminal, now and then elsewhere."""

    def __init__(self, *, moves: bool) -> None:
        self._moves = moves
        self._said_at = time.monotonic()

    def show(self, line: str) -> None:
        """Show ``line`` in place of the one before."""
        if self._moves:
            sys.stdout.write(f"\r\x1b[K  {line[: shutil.get_terminal_size().columns - 3]}")
            sys.stdout.flush()
        elif time.monotonic() - self._said_at >= QUIET_S:
            self._said_at = time.monotonic()
            say(f"… {line}")

    def clear(self) -> None:
        """Leave nothing of it on a terminal."""
        if self._moves:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()


def _environment(more: dict[str, str]) -> dict[str, str]:
    # Bytecode is written now, once, instead of being compiled anew at every start.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | more


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
