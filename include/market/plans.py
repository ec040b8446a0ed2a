"""Keys and plans of the vendors that want a key, and the refusals that they word alike.

A key's name says its plan, since nobody sells plans here: one that begins with ``paid`` has no limits,
one that begins with ``revoked`` is refused, any other of eight characters or more is on the free plan.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable

import msgspec

from include.market.wire import HTML, Reply, json_reply

_SHORTEST_KEY = 8
_WORST_SYMBOL = "ZZZ"


class Window(msgspec.Struct, frozen=True):
    """At most ``requests`` in ``seconds``; ``name`` tells the vendor which of its limits was passed."""

    requests: int
    seconds: float
    name: str = ""


class Plans:
    """The free plan's limits, kept per key. Refused requests do not count."""

    def __init__(self, windows: tuple[Window, ...], clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = windows
        self._clock = clock
        self._asked: defaultdict[str, deque[float]] = defaultdict(deque)

    def accepts(self, key: str) -> bool:
        """Whether such a key exists."""
        return len(key) >= _SHORTEST_KEY and not key.startswith("revoked")

    def is_free(self, key: str) -> bool:
        """Whether the key is on the free plan."""
        return not key.startswith("paid")

    def exceeded(self, key: str) -> str | None:
        """The name of the limit that one more request would pass; if none, the request is counted."""
        if not self.is_free(key):
            return None
        now, asked = self._clock(), self._asked[key]
        longest = max(window.seconds for window in self._windows)
        while asked and asked[0] <= now - longest:
            asked.popleft()
        for window in self._windows:
            if sum(at > now - window.seconds for at in asked) >= window.requests:
                return window.name
        asked.append(now)
        return None


def is_listed(symbol: str) -> bool:
    """Whether the vendors know a symbol: all that look like one, but those with ZZZ in them."""
    return bool(symbol) and symbol.replace("/", "").replace(".", "").isalnum() and _WORST_SYMBOL not in symbol.upper()


def outage(fault: str) -> Reply | None:
    """What the machines in front of every vendor answer when it is down; None for other faults."""
    return {
        "500": json_reply({"error": "Internal Server Error"}, 500),
        "502": Reply(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", HTML),
        "503": Reply(503, b"<html><body><h1>Service Unavailable</h1></body></html>", HTML, (("Retry-After", "1"),)),
    }.get(fault)
