"""Chromium: wanted, found, or done without in a way that is seen."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from include.stack.chromium import installed, screener
from include.stack.local import private_files
from include.stack.screen import Screen


def test_what_a_person_has_chosen_is_not_questioned() -> None:
    said = io.StringIO()
    assert screener({"SCREENER": "api"}, Screen(Console(file=said))) == "api"
    assert said.getvalue() == ""


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ({"chromium", "chromedriver"}, True),
        ({"google-chrome", "chromedriver"}, True),
        ({"chromium"}, False),
        ({"chromedriver"}, False),
        (set(), False),
    ],
)
def test_a_browser_counts_only_with_its_driver(there: set[str], found: bool) -> None:
    assert installed(lambda name: f"/usr/bin/{name}" if name in there else None) is found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs packages unasked")
def test_what_is_installed_is_for_the_whole_system_and_is_shown_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer = tmp_path / "apt-get"
    installer.write_text(f'#!/bin/sh\numask >> {tmp_path}/said\necho "$DB_PASSWORD$LANG" >> {tmp_path}/said\n')
    installer.chmod(0o700)
    for name, value in {"PATH": str(tmp_path), "DB_PASSWORD": "canary", "LANG": "C"}.items():
        monkeypatch.setenv(name, value)
    with private_files():
        assert screener({}, Screen(Console(file=io.StringIO()))) == "api"
    assert (tmp_path / "said").read_text().split() == ["0022", "C"] * 2
