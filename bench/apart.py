"""Programs that are compared with and are no part of the project: each in a virtual environment of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

from include.errors import Transient

_STAMP = "holds.txt"
# The first answer of a package index that cannot be reached shall be the last.
_PATIENCE = ("--retries", "1", "--timeout", "15")
_INSTALLED_WITHIN_S = 600.0


def python_with(lock: Path, folder: Path, *, within_s: float = _INSTALLED_WITHIN_S) -> Path:
    """The Python of an environment in ``folder`` that holds what ``lock`` names, each package against its hash.

    Made when first asked for, and again when the lock or our Python changes. pip is told nothing of where to
    download from: its own settings and variables say so. Raises Transient if the packages cannot be had, or not
    within ``within_s`` seconds.
    """
    holds = hashlib.sha256(lock.read_bytes()).hexdigest() + f" {sys.version}"
    stamp, python = folder / _STAMP, folder / "bin" / "python"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == holds:
        return python
    stamp.unlink(missing_ok=True)
    venv.create(folder, clear=True, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    install = [*pip, *_PATIENCE, "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)]
    done = ended(install, os.environ, within_s=within_s, what=f"installing the packages of {lock.name} into {folder}")
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["pip did not say why"]
        raise Transient(f"the packages of {lock.name} could not be installed into {folder}: {said[-1]}")
    stamp.write_text(holds, encoding="utf-8")
    return python


def ended(
    command: Sequence[str], env: Mapping[str, str], *, within_s: float, what: str
) -> subprocess.CompletedProcess[str]:
    """``command`` when it has ended, however it did. Raises Transient if it takes longer than ``within_s`` seconds."""
    try:
        return subprocess.run(  # noqa: S603 - our own arguments
            command, env=dict(env), capture_output=True, text=True, check=False, timeout=within_s
        )
    except subprocess.TimeoutExpired as error:
        raise Transient(
            f"{what} took longer than {within_s:g} s and was ended; try again, or mend the way to it"
        ) from error
