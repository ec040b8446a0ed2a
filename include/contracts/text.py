"""Text from outside, as a terminal or a page may show it: pure."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """``text`` without what controls a terminal or turns the direction of a text: that is shown as lost."""
    return "".join("\ufffd" if unicodedata.category(c)[0] == "C" and c not in "\n\t" else c for c in text)
