"""Which request is struck by which fault: the same seed strikes the same ones."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence

from include.market.profiles import Limit, Profile
from include.market.vendor import Asked


class Faults:
    """Draws a fault for a request from (seed, vendor, kind, subject, how many of these came before).

    A limit is the exception: it counts time, so what it strikes depends on how fast one asks.
    """

    def __init__(self, profile: Profile, seed: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._profile = profile
        self._seed = seed
        self._clock = clock
        self._times: Counter[tuple[str, str, str]] = Counter()
        self._recent: dict[str, deque[float]] = {}
        self._ordered: dict[str, deque[str]] = {}

    def strike(self, kind: str, faults: Sequence[str]) -> None:
        """Strike the next requests of ``kind`` with ``faults``, one each, whatever the profile says."""
        self._ordered.setdefault(kind, deque()).extend(faults)

    def draw(self, vendor: str, asked: Asked) -> str | None:
        """The fault that strikes this request, if any."""
        ordered = self._ordered.get(asked.kind)
        if ordered:
            return ordered.popleft()
        if self._profile.limit is not None and self._over(vendor, self._profile.limit):
            return "rate-limited"
        rates = self._profile.rates_of(asked.kind)
        if not rates:
            return None
        key = (vendor, asked.kind, asked.subject)
        nth = self._times[key]
        self._times[key] += 1
        chance = self.chance(*key, str(nth))
        for fault, rate in rates.items():
            if chance < rate:
                return fault
            chance -= rate
        return None

    def chance(self, *parts: str) -> float:
        """A number in [0, 1) that depends on the seed and ``parts`` alone."""
        digest = hashlib.blake2b("\x1f".join((str(self._seed), *parts)).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    def _over(self, vendor: str, limit: Limit) -> bool:
        recent = self._recent.setdefault(vendor, deque())
        now = self._clock()
        while recent and recent[0] <= now - limit.seconds:
            recent.popleft()
        if len(recent) >= limit.requests:
            return True
        recent.append(now)
        return False
