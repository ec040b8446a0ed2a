"""The feeds on a terminal, as narrow as terminals are."""

from __future__ import annotations

import msgspec
from monitor.readings import EMPTY, HOSTILE, MORNING, STREAM
from rich.console import Console

from include.monitor.reading import Reading
from include.monitor.screen import feeds_view


def _shown(reading: Reading, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as said:
        console.print(feeds_view(reading))
    return said.get()


def test_state_quota_failures_gaps_and_movements_are_there_in_eighty_columns() -> None:
    shown = _shown(MORNING)
    for fact in (
        "✖ lost",
        "2 of 4",
        "90 %",
        "! Polygon: NOZZZ fails: polygon has no bar of NOZZZ",
        "2 of 5",
        "all in 43 s",
        "next in 3 h 12 min, all in 20 h",
        "asked again in 1 min 30 s",
        "3 filled, 1 open",
        "-3.25 %",
    ):
        assert fact in shown, fact
    assert max(map(len, shown.splitlines())) <= 80


def test_a_feed_that_lacks_its_key_says_which() -> None:
    assert "! Polygon: POLYGON_API_KEY is not set." in _shown(EMPTY)


def test_stores_of_which_nothing_can_be_told_are_not_passed_over_in_silence() -> None:
    away = msgspec.structs.replace(MORNING, routes=(), routes_unknown="Kafka does not answer")
    assert "! how far the stores are behind is unknown: Kafka does not answer" in _shown(away)


def test_what_a_vendor_says_is_shown_as_text_and_not_obeyed() -> None:
    hostile = msgspec.structs.replace(STREAM, why=f"[bold]{HOSTILE}[/bold]\x1b[2J")
    shown = _shown(msgspec.structs.replace(MORNING, feeds=(hostile,)), 200)
    assert "[bold]<script>" in shown
    assert not {"\x1b", "\x07"} & set(shown)


def test_what_moves_on_a_screen_fits_it_and_says_that_there_is_more() -> None:
    console = Console(width=80, height=18, color_system=None)
    with console.capture() as said:
        console.print(feeds_view(MORNING, console, taken=4))
    shown = said.get().rstrip("\n")
    assert len(shown.splitlines()) <= 14
    assert "2 of 5" in shown  # the quotas come before what is only nice to know
    assert shown.endswith("... and more than fits here: stocks monitor --once")
