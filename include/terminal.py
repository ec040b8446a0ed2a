"""What commands print on. Others' words (a vendor's, a message's, a log's) are shown there and never obeyed."""

from __future__ import annotations

from collections.abc import Iterable

import rich.console
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment

from include.contracts.text import printable


class Console(rich.console.Console):
    """Rich's console; no text that is printed on it can move the cursor, set a title or turn a line around."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of ``renderable``. Rich's own controls pass, what came with a text does not."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)
