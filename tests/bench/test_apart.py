"""What a bench compares with lives apart from the project, and a bench can do without it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.apart import ended, python_with
from include.errors import Transient

PROJECT = Path(__file__).resolve().parent.parent.parent
LOCK = PROJECT / "bench" / "financetoolkit.txt"


def test_packages_that_cannot_be_had_are_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # pip's own switch for "no network"
    with pytest.raises(Transient, match=r"financetoolkit.txt could not be installed into .*: .*[Nn]o matching"):
        python_with(LOCK, tmp_path / "venv")
    assert not (tmp_path / "venv" / "holds.txt").exists()


def test_what_takes_too_long_is_ended_and_named() -> None:
    endless = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    with pytest.raises(Transient, match=r"waiting for ever took longer than 0\.2 s and was ended"):
        ended(endless, {}, within_s=0.2, what="waiting for ever")


def test_an_installation_has_a_limit(tmp_path: Path) -> None:
    with pytest.raises(Transient, match=r"installing the packages of financetoolkit\.txt into .* took longer than 0 s"):
        python_with(LOCK, tmp_path / "venv", within_s=0.0)
    assert not (tmp_path / "venv" / "holds.txt").exists()


def test_an_environment_is_made_anew_only_for_another_lock(tmp_path: Path) -> None:
    lock, mark = tmp_path / "lock.txt", tmp_path / "venv" / "made before"
    lock.write_text("# nothing\n", encoding="utf-8")
    python_with(lock, tmp_path / "venv")
    mark.touch()
    python_with(lock, tmp_path / "venv")
    assert mark.exists()
    lock.write_text("# nothing, in other words\n", encoding="utf-8")
    python_with(lock, tmp_path / "venv")
    assert not mark.exists()


def test_every_package_of_the_lock_is_held_against_a_hash() -> None:
    entries = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if line and line[0] not in " #"]
    assert "financetoolkit==2.3.0" in {entry.split(" ")[0] for entry in entries}
    assert not [entry for entry in entries if "==" not in entry or not entry.endswith("\\")]
    assert "://" not in LOCK.read_text(encoding="utf-8")


def test_no_lock_of_the_project_holds_what_a_bench_compares_with() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert "financetoolkit" not in (PROJECT / name).read_text(encoding="utf-8")
