"""Kafka's headers (a list of pairs that may repeat, values bytes or None) as a plain dict of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_COUNT = re.compile(r"[0-9]{1,9}")

KafkaHeaders = Iterable[tuple[str, bytes | str | None]]


def read(headers: KafkaHeaders | None) -> dict[str, str]:
    """Headers as text. The last of a repeated name wins; bytes that are no UTF-8 are shown escaped."""
    return {name: _text(value) for name, value in headers or ()}


def write(headers: Mapping[str, str]) -> list[tuple[str, str | bytes | None]]:
    """Headers as Kafka's clients take them."""
    return [(name, value.encode("utf-8", "backslashreplace")) for name, value in headers.items()]


def count_in(headers: Mapping[str, str], name: str) -> int:
    """The number that a header holds; 0 when it is missing or holds none."""
    text = headers.get(name, "")
    return int(text) if _COUNT.fullmatch(text) else 0


def _text(value: bytes | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")
