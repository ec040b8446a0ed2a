"""How many requests a run cost, where the source counts them: the local market does, live sources do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self
from urllib.parse import urlsplit

import httpx
import msgspec

_LOOPBACK = ("127.0.0.1", "localhost")
_VENDOR = "yahoo"
# What a stock costs. Pages, consent, cookie and crumb are the listing's and the session's.
_KINDS = ("fundamentals", "quote", "screener", "exchange-rate", "chart", "summary", "spark")


class _Kind(msgspec.Struct):
    requests: int
    faults: dict[str, int]


class _Vendor(msgspec.Struct):
    kinds: dict[str, _Kind] = {}


class _Stats(msgspec.Struct):
    """As much of the market's own counts as is needed here."""

    vendors: dict[str, _Vendor]


# A proxy of this machine may be anybody's, and say anything.
_NO_COUNT = (httpx.HTTPError, msgspec.DecodeError)


class RequestCount:
    """Requests for data since this was made, answers that a fault spoiled (and so were asked again) left out."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._before = _total(address)

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Self | None:
        """The count of the local market that ``env`` names as its proxy; None where there is none."""
        proxy = env.get("HTTPS_PROXY", "").rstrip("/")
        if urlsplit(proxy).hostname not in _LOOPBACK:
            return None
        try:
            return cls(f"{proxy}/_market/stats?symbols=0")
        except _NO_COUNT:
            return None

    def since_then(self) -> int | None:
        """The requests since; None when the market has gone or was counted anew meanwhile."""
        try:
            count = _total(self._address) - self._before
        except _NO_COUNT:
            return None
        return count if count >= 0 else None


def _total(address: str) -> int:
    with httpx.Client(trust_env=False, timeout=10) as client:
        answer = client.get(address).raise_for_status()
    kinds = msgspec.json.decode(answer.content, type=_Stats).vendors.get(_VENDOR, _Vendor()).kinds
    found = [kinds[name] for name in _KINDS if name in kinds]
    return sum(kind.requests - sum(kind.faults.values()) for kind in found)
