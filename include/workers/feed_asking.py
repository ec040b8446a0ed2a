"""Asking a vendor once, as politely as its quota demands and as often as it takes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import msgspec

from include.errors import Transient
from include.feeds.base import Body, Request
from include.feeds.http import Sender
from include.transport.quota import Quota
from include.workers.feed_counts import FeedCounts

log = logging.getLogger(__name__)

T = TypeVar("T")

# A quota that renews within this time is waited for; a longer one ends the round.
PATIENCE_S = 120.0
_REFUSALS_IN_A_ROW = 8


class Stopped(Exception):
    """The feed was asked to end."""

    def __init__(self) -> None:
        super().__init__("the feed was asked to end")


class OutOfQuota(Exception):
    """Nothing may be asked for ``renews_s`` seconds, which is too long to wait for."""

    def __init__(self, source: str, renews_s: float) -> None:
        super().__init__(f"nothing more may be asked of {source} for {_spoken(renews_s)}")
        self.renews_s = renews_s


class Asking(msgspec.Struct, frozen=True):
    """The way to one vendor. ``retry_waits_s`` are the waits between the attempts of one question."""

    sender: Sender
    quota: Quota
    counts: FeedCounts
    stop: threading.Event
    retry_waits_s: tuple[float, ...] = (1.0, 2.0, 4.0)

    def ask(self, request: Request, read: Callable[[Body], T]) -> T:
        """What ``read`` makes of the answer.

        A refusal of everybody pauses the source for all processes and counts no attempt. Raises
        Permanent, Transient when the attempts are used up, ConfigurationError, OutOfQuota or Stopped.
        """
        attempt = refusals = 0
        while True:
            self._permit()
            try:
                answer = read(self.sender.send(request))
                self.quota.answered()
                return answer
            except Transient as error:
                if error.source is not None:
                    refusals += 1
                    self._pause(error, refusals)
                    continue
                if attempt >= len(self.retry_waits_s):
                    raise
                wait_s = max(self.retry_waits_s[attempt], error.retry_after_s or 0.0)
                log.info("%s; trying again in %g s", error, wait_s)
                if wait_s > PATIENCE_S:
                    raise
                self._wait(wait_s)
                attempt += 1

    def _permit(self) -> None:
        """Draw one request from the quota, waiting for windows that renew soon."""
        while delay := self.quota.try_take():
            renews_s = max(self.quota.paused_s(), *(window.wait_s for window in self.quota.state()), 0.0)
            if renews_s > PATIENCE_S:
                raise OutOfQuota(self.quota.source, renews_s)
            self._wait(delay)
        if self.stop.is_set():
            raise Stopped

    def _pause(self, refusal: Transient, refusals: int) -> None:
        paused_s = self.quota.pause(refusal.retry_after_s)
        self.counts.count_refusal()
        log.warning("%s; %s is paused for %s", refusal, self.quota.source, _spoken(paused_s))
        if refusals >= _REFUSALS_IN_A_ROW:
            raise OutOfQuota(self.quota.source, paused_s)

    def _wait(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise Stopped


def _spoken(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004  two minutes
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004  two hours
