"""What a vendor, a message or a log says is shown on a terminal and does nothing to it."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from include.terminal import Console

_ORDERS = {
    "clears the screen": "\x1b[2J",
    "sets the title": "\x1b]0;owned\x07",
    "is a later control": "\x9b31m",
    "goes back": "\rsafe\x08\x08",
    "turns the text around": "\u202egnp.exe\u2066",
}
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def _shown(what: RenderableType) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, color_system="standard", no_color=False, width=60)
    console.print(what, style="red")
    return file.getvalue()


@pytest.mark.parametrize("order", _ORDERS.values(), ids=_ORDERS)
def test_no_order_reaches_the_terminal(order: str) -> None:
    said = f"before{order}after"
    table = Table("head")
    table.add_row(Text(said))
    table.add_row(said)
    for what in (said, Text(said), table, Panel(said), Group(Text(said), table)):
        left = _COLOURS.sub("", _shown(what))
        assert "before" in left
        assert not [c for c in left if not c.isprintable() and c != "\n"], repr(left)


def test_rich_still_draws_in_colour() -> None:
    assert _COLOURS.findall(_shown("fine\n\tand indented"))


@pytest.mark.parametrize("width", [20, 60])
def test_a_table_keeps_its_form(width: int) -> None:
    table = Table("head")
    table.add_row("\x1b[2J" * 3)
    file = io.StringIO()
    Console(file=file, force_terminal=True, width=width).print(table)
    lines = _COLOURS.sub("", file.getvalue()).splitlines()
    assert len({len(line) for line in lines}) == 1
