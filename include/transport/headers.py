"""Kafka's headers (a list of pairs that may repeat, values bytes or None) as a plain dict of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

KafkaHeaders = Iterable[tuple[str, bytes | str | None]]


def read(headers: KafkaHeaders | None) -> dict[str, str]:
    """Headers as text. The last of a repeated name wins; bytes that are no UTF-8 are shown escaped."""
    return {name: _text(value) for name, value in headers or ()}


def write(headers: Mapping[str, str]) -> list[tuple[str, str | bytes | None]]:
    """Headers as Kafka's clients take them."""
    return [(name, value.encode("utf-8", "backslashreplace")) for name, value in headers.items()]


def _text(value: bytes | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")
