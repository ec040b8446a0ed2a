"""What Yahoo's refusals are called."""

from __future__ import annotations

from include.errors import Permanent, Transient


class StaleSession(Transient):
    """The cookie or the crumb was refused: a new session is opened, then the same is asked again."""


class NoneKnown(Transient):
    """An answer without any of the several symbols that were asked for: a refusal, or the source has none of them."""


class NotFound(Permanent):
    """The source knows no such symbol."""


class RequestRefused(Permanent):
    """The source refuses the request in this form (400, 414, ...); another form may be answered."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
