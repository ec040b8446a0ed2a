"""Secrets in a text, however they are spelled there; light, for every process hides its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pydantic import SecretStr

_MASK = "***"
_CERTAINLY_A_KEY = 8


def masking(secrets: Sequence[SecretStr]) -> Callable[[str], str]:
    """A function that replaces every one of ``secrets`` in a text, in any case and however it is escaped."""
    values = sorted({v for secret in secrets if (v := secret.get_secret_value())}, key=len, reverse=True)
    pattern = re.compile("|".join(map(_anywhere, values)) or r"(?!)", re.IGNORECASE)
    return lambda text: pattern.sub(_MASK, text)


def _anywhere(secret: str) -> str:
    spelled = "".join(map(_spelled, secret))
    # A key as short as "demo" is masked as a word only, or it would be found inside of data.
    return spelled if len(secret) >= _CERTAINLY_A_KEY else rf"\b{spelled}\b"


def _spelled(character: str) -> str:
    # One by one: encoders differ in which characters they escape.
    plain, code = re.escape(character), ord(character)
    escaped = plain if character.isalnum() else rf"\\?{plain}"  # PHP writes a slash as \/
    return rf"(?:{escaped}|%{code:02x}|\\u{code:04x}|&\#{code};|&\#x{code:x};)"
