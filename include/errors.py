"""Failures, named by what happens next.

    StocksError
    ├── ConfigurationError   a person must change a setting or the call: exit code 2
    ├── Transient            the same work may succeed later: retried, then dead-lettered
    ├── Permanent            the same work fails the same way every time: dead-lettered at once
    └── Unfit                the worker is the problem, not the task: it stops and commits nothing

A message says what happened, to what, and what to do. None ever holds a secret, nor a URL with one.
"""

from __future__ import annotations


class StocksError(Exception):
    """Base of every failure that this project raises on purpose."""


class ConfigurationError(StocksError):
    """A setting or an argument is missing or malformed; names it and what it expects."""


class Transient(StocksError):
    """The same work may succeed later.

    ``retry_after_s`` is the source's own wish (a ``Retry-After``), in seconds from now.
    ``source`` names a source that refuses everybody (a rate limit): the source is paused then,
    not the task, and no attempt is counted.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None, source: str | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.source = source


class Permanent(StocksError):
    """The same work fails the same way every time.

    ``evidence`` names a folder with what was seen (page source, screenshot), if any was kept.
    """

    def __init__(self, message: str, *, evidence: str | None = None) -> None:
        super().__init__(message)
        self.evidence = evidence


class Unfit(StocksError):
    """This worker cannot do its work (no browser, no database, a full disk); another may."""
