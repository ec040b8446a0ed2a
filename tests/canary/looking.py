"""Where a secret lies: in any file below a folder, byte by byte."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from canary.spellings import spellings


class Found(NamedTuple):
    """A secret, by its name, in a file."""

    name: str
    file: Path


def found_in(folders: Iterable[Path], secrets: Mapping[str, str]) -> set[Found]:
    """Every file of ``folders`` that holds one of ``secrets`` (by name), in whatever spelling."""
    owners: dict[bytes, set[str]] = {}
    for name, secret in secrets.items():
        for form in spellings(secret):
            owners.setdefault(form, set()).add(name)
    files = _matching(list(folders), owners)
    return {
        Found(name, file)
        for file in files
        for content in [file.read_bytes()]
        for form, names in owners.items()
        if form in content
        for name in names
    }


def _matching(folders: list[Path], forms: Iterable[bytes]) -> list[Path]:
    """The files that hold any of ``forms``; the system's own search, since there are hundreds of MiB."""
    with tempfile.NamedTemporaryFile() as patterns:
        patterns.write(b"\n".join(sorted(forms)))
        patterns.flush()
        command = ["grep", "-rlaF", "-f", patterns.name, *map(str, folders)]
        done = subprocess.run(command, env={"LC_ALL": "C"}, capture_output=True, check=False)
    # A file that went while it was looked for holds nothing any more.
    assert done.returncode in (0, 1, 2), done.stderr
    return [Path(line.decode()) for line in done.stdout.splitlines()]
