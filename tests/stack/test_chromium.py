"""Chromium: wanted, found, or done without in a way that is seen."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from include.stack.chromium import installed, screener
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
