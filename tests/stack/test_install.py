"""The installer, which runs before anything is installed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from include.stack import install


def test_it_needs_nothing_but_the_standard_library() -> None:
    source = Path(install.__file__).read_text("utf-8")
    imported = {n.names[0].name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import)}
    imported |= {n.module or "" for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 15)])
def test_another_python_is_refused_with_the_way_out(version: tuple[int, int]) -> None:
    with pytest.raises(install.Failed, match=r"needs 3\.11 to 3\.14.*make PYTHON="):
        install.check_python(version)


def test_the_development_lock_satisfies_the_other_one() -> None:
    assert install.stamp("requirements-dev.txt").keys() >= install.stamp("requirements.txt").keys()


def test_every_package_of_the_locks_has_a_hash() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt", "requirements-installer.txt"):
        blocks = (install.PROJECT / lock).read_text("utf-8").replace("\\\n", " ").splitlines()
        named = [line for line in blocks if "==" in line and not line.startswith("#")]
        assert named
        assert not [line for line in named if "--hash=sha256:" not in line]


def test_the_development_lock_holds_the_other_one_in_the_same_versions() -> None:
    def pins(lock: str) -> set[str]:
        lines = (install.PROJECT / lock).read_text("utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line}

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_no_file_of_the_set_up_names_a_registry() -> None:
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "requirements-installer.txt"):
        assert "://" not in (install.PROJECT / name).read_text("utf-8"), name


def test_make_lists_every_command_of_the_house() -> None:
    for target in ("run", "test", "check", "bench", "docs", "install", "clean"):
        dry = subprocess.run(["make", "-n", target], cwd=install.PROJECT, capture_output=True, text=True, check=False)
        assert dry.returncode == 0, dry.stderr
