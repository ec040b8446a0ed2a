"""Messages to bytes and back: UTF-8 JSON with ``schema_version``.

Unknown fields are ignored, so a newer writer does not break an older reader; anything else that
does not fit is Permanent, because the same bytes never will.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from include.errors import Permanent

T = TypeVar("T")

# What the decoder raises for bytes that are no JSON of ours; nesting beyond all sense is a RecursionError.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_SHOWN_BYTES = 80
_encoder = msgspec.json.Encoder()


def encode(message: msgspec.Struct) -> bytes:
    """``message`` as UTF-8 JSON; equal messages give equal bytes."""
    return _encoder.encode(message)


def decode(data: bytes | None, kind: type[T]) -> T:
    """The ``kind`` that ``data`` holds. Raises Permanent naming the field that is wrong."""
    if data is None:
        raise unreadable(data, kind)
    try:
        return cast(T, _decoder(cast(Any, kind)).decode(data))
    except UNREADABLE as error:
        raise unreadable(data, kind, error) from error


def unreadable(data: bytes | None, kind: type, error: Exception | None = None) -> Permanent:
    """Why ``data`` is no ``kind``, in words; ``error`` is one of ``UNREADABLE``, as the decoder raised it."""
    if data is None:
        return Permanent(f"a message without a value is no {kind.__name__}")
    if not data:
        return Permanent(f"an empty value is no {kind.__name__}")
    if isinstance(error, msgspec.ValidationError):
        return Permanent(f"this is no {kind.__name__}: {error}")
    shown = f"{len(data)} bytes that begin with {data[:_SHOWN_BYTES]!r}"
    return Permanent(f"this is no {kind.__name__} but {shown}: {error}")


@lru_cache(maxsize=64)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)
