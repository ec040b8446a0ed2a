"""A stream's comings and goings as gaps: only time in which its market trades is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from include.feeds.hours import Hours
from include.workers.feed_gaps import Notebook


class Absence:
    """Since when a stream is not heard, and what of that is written down. ``hours`` are those near a moment."""

    def __init__(self, notebook: Notebook, hours: Callable[[datetime], Hours]) -> None:
        self._notebook = notebook
        self._hours = hours
        self._since: datetime | None = None
        self._why = ""
        self._is_written = False

    def began(self, since: datetime, at: datetime, why: str) -> None:
        """Nothing was heard since then, as is known ``at`` this moment. An absence that lasts only goes on."""
        if self._since is None:
            self._since, self._why, self._is_written = since, why, False
        self.look(at)

    def look(self, at: datetime) -> None:
        """A gap begins when the market opens without us, and is over when it closes: to be called now and then."""
        if self._since is None:
            return
        opens, until = self._hours(self._since).next_open(self._since), self._hours(at).last_open(at)
        if until < opens:
            return
        if not self._is_written:
            self._notebook.lost(opens, self._why)
            self._is_written = True
        if until < at:
            self._notebook.heard_again(until)
            self._since, self._is_written = until, False

    def ended(self, at: datetime) -> datetime:
        """The stream is heard again, from ``at`` on; -> since when nothing is missing but what is written down."""
        self.look(at)
        until = self._hours(at).last_open(at)
        # Said even if we wrote none: a process before us may have left one open.
        self._notebook.heard_again(until)
        self._since = None
        return until
