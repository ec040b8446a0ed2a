"""Profiles: how often the outside world misbehaves, and in what way.

A fault is one word. The server plays those of the network (``late``, ``timeout``, ``reset``,
``truncated``); a vendor words the rest. Rates are shares of the requests of a kind.
"""

from __future__ import annotations

import msgspec

from include.errors import ConfigurationError


class Limit(msgspec.Struct, frozen=True):
    """At most ``requests`` in ``seconds`` per vendor; more is refused as the fault ``rate-limited``."""

    requests: int
    seconds: float


class Profile(msgspec.Struct, frozen=True):
    """Fault rates by kind of request; ``"*"`` are those of kinds not named."""

    name: str
    rates: dict[str, dict[str, float]] = {}
    limit: Limit | None = None

    def rates_of(self, kind: str) -> dict[str, float]:
        """Fault -> share of the requests of ``kind``."""
        return self.rates.get(kind, self.rates.get("*", {}))


def _scaled(rates: dict[str, dict[str, float]], factor: float) -> dict[str, dict[str, float]]:
    return {kind: {fault: rate * factor for fault, rate in faults.items()} for kind, faults in rates.items()}


_API = {
    "429": 0.010,
    "429-retry-after": 0.010,
    "500": 0.010,
    "502": 0.005,
    "503": 0.010,
    "late": 0.010,
    "timeout": 0.001,
    "reset": 0.010,
    "truncated": 0.010,
    "refusal-200": 0.010,
}
_FLAKY: dict[str, dict[str, float]] = {
    "*": _API,
    "cookie": {"503": 0.02, "reset": 0.02},
    "crumb": {"429": 0.02, "503": 0.02},
    "consent": {"503": 0.01},
    "fundamentals": _API | {"bad-crumb": 0.005, "missing-fields": 0.010},
    "quote": _API | {"bad-crumb": 0.005, "missing-fields": 0.010},
    "screener": _API | {"bad-crumb": 0.005, "duplicate-rows": 0.010},
    "page": {"429": 0.01, "503": 0.02, "late": 0.02, "reset": 0.01, "truncated": 0.01, "consent": 0.05},
    "stream-frame": {"drop": 0.01, "mute": 0.002, "late": 0.02, "repeat": 0.02, "cancel": 0.01, "correct": 0.01},
    "page-rows": {"503": 0.02, "late": 0.02, "duplicate-rows": 0.02},
}
_HOSTILE = _scaled(_FLAKY, 5.0)
_HOSTILE["page"] = _HOSTILE["page"] | {"changed-layout": 0.2}
_HOSTILE["fundamentals"] = _HOSTILE["fundamentals"] | {"consent": 0.05}
_HOSTILE["crumb"] = _HOSTILE["crumb"] | {"bad-cookie": 0.2}

PROFILES = {
    profile.name: profile
    for profile in (
        Profile("calm"),
        Profile("rate-limited", limit=Limit(requests=60, seconds=2.0)),
        Profile("flaky", rates=_FLAKY),
        Profile("hostile", rates=_HOSTILE, limit=Limit(requests=120, seconds=2.0)),
    )
}


def profile(name: str) -> Profile:
    """The profile of that name. Raises ConfigurationError."""
    if name not in PROFILES:
        raise ConfigurationError(f"there is no profile {name!r}; choose one of {', '.join(PROFILES)}")
    return PROFILES[name]
