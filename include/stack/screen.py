"""What the person in front of the stack sees: one line per step, with a spinner while it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from include.terminal import Console


class Screen:
    """Lines on a console; on none that is a terminal, the same lines without movement."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)

    def __call__(self, line: str, *, style: str = "") -> None:
        """Print one line."""
        self.console.print(line, style=style or None, markup=False)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Show what is being done, then how long it took."""
        began = time.monotonic()
        if not self.console.is_terminal:
            self(f"  … {doing}")
        with self.console.status(doing):
            yield
        self(f"  ✓ {doing} ({time.monotonic() - began:.1f} s)", style="green")

    def table(self, title: str, rows: Mapping[str, str]) -> None:
        """Names and where they are, one to a line and never wrapped: people copy them."""
        self(title, style="bold")
        width = max(map(len, rows))
        for name, value in rows.items():
            self(f"  {name:<{width}}  {value}")
