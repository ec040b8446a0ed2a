"""Every form in which a secret may lie somewhere: a part of it, escaped, encoded, in another case."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

_PART = 8


def spellings(secret: str) -> frozenset[bytes]:
    """The byte strings by which ``secret`` is looked for. Every one is long enough to be there by no accident."""
    found = {form for text in (secret, secret[:_PART], secret[-_PART:]) for form in _written(text)}
    found |= {form for text in (secret, secret.upper(), secret.lower()) for form in _encoded(text.encode())}
    found |= {secret.lower().encode(), secret.upper().encode()}
    return frozenset(form for form in found if len(form) >= _PART)


def _written(text: str) -> Iterator[bytes]:
    """As texts write it: as it is, in a JSON string, in an address, in a page."""
    yield text.encode()
    yield json.dumps(text)[1:-1].encode()
    yield text.replace("/", "\\/").encode()
    for escaped in (quote(text, safe=""), quote(text), quote_plus(text)):
        yield escaped.encode()
        yield escaped.lower().encode()
    yield "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text).encode()
    yield "".join(c if c.isalnum() else f"&#{ord(c)};" for c in text).encode()


def _encoded(data: bytes) -> Iterator[bytes]:
    """As bytes are written down: hexadecimal, and base64 wherever in a longer text it begins."""
    yield data.hex().encode()
    yield data.hex().upper().encode()
    yield data.hex(" ").encode()
    for before in range(3):
        # Only what its neighbours have no part in.
        whole = base64.b64encode(b"\0" * before + data)
        own = whole[-(-before * 8 // 6) : len(whole) // 4 * 4 - (4 if (before + len(data)) % 3 else 0)]
        yield own
        yield own.replace(b"+", b"-").replace(b"/", b"_")
