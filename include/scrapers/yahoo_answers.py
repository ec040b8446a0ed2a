"""The envelope of Yahoo's JSON answers, and the refusals that come as a 200."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec

from include.errors import StocksError, Transient
from include.scrapers.yahoo_failures import NotFound, StaleSession

T = TypeVar("T")


class Refusal(msgspec.Struct, frozen=True):
    """Why Yahoo gives no result."""

    code: str | None = None
    description: str | None = None


class Envelope(msgspec.Struct, Generic[T], frozen=True):
    """What stands under the one key of every answer."""

    result: T | None = None
    error: Refusal | str | None = None


def unwrap(answer: Mapping[str, Envelope[T]], key: str, about: str) -> T:
    """The result under ``key``. Its absence is a refusal, whatever the wording.

    Raises NotFound, StaleSession or Transient.
    """
    envelope = answer.get(key)
    if envelope is not None and envelope.result is not None and envelope.error is None:
        return envelope.result
    errors = [e.error for e in answer.values() if e.error is not None]
    raise _failure(about, errors[0] if errors else Refusal())


def _failure(about: str, said_by_source: Refusal | str) -> StocksError:
    refusal = Refusal(description=said_by_source) if isinstance(said_by_source, str) else said_by_source
    said = refusal.description or refusal.code or "without data and without a reason"
    if refusal.code == "Not Found":
        return NotFound(f"Yahoo knows nothing of {about} ({said}); check the symbol")
    if refusal.code == "Unauthorized":
        return StaleSession(f"Yahoo refused our session for {about} ({said}); a new one is opened")
    return Transient(f"Yahoo answered 200 for {about} but refused ({said}); it is asked again later")
