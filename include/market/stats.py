"""Counts of everything that the local market answered: by vendor, kind, status, fault and symbol."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from include.market.vendor import Asked


class _Kind:
    def __init__(self) -> None:
        self.requests = 0
        self.statuses: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.symbols: Counter[str] = Counter()
        self.answered: set[str] = set()

    def as_json(self, *, with_symbols: bool) -> dict[str, Any]:
        counted: dict[str, Any] = {
            "requests": self.requests,
            "statuses": dict(sorted(self.statuses.items())),
            "faults": dict(sorted(self.faults.items())),
            "distinct_symbols": len(self.symbols),
            "answered_symbols": len(self.answered),
        }
        return counted | ({"symbols": dict(sorted(self.symbols.items()))} if with_symbols else {})


class Stats:
    """What was asked since the start, or since the last reset. Used by one thread, the server's.

    ``requests`` counts every request, faulty ones included; ``faults`` those that a profile struck;
    ``distinct_symbols`` the symbols asked for, ``answered_symbols`` those among them that got a 200 free
    of faults.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self._since = datetime.now(UTC)
        self._vendors: defaultdict[str, defaultdict[str, _Kind]] = defaultdict(lambda: defaultdict(_Kind))
        self._refused_hosts: Counter[str] = Counter()

    def count(self, vendor: str, asked: Asked, status: int | None, fault: str | None) -> None:
        """One request; ``status`` None is a connection that ended without an answer."""
        kind = self._vendors[vendor][asked.kind]
        kind.requests += 1
        kind.statuses["none" if status is None else str(status)] += 1
        if fault is not None:
            kind.faults[fault] += 1
        kind.symbols.update(asked.symbols)
        if status == HTTPStatus.OK and fault is None:
            kind.answered.update(asked.symbols)

    def count_refused_host(self, host: str) -> None:
        """One attempt to reach a host that nobody plays here."""
        self._refused_hosts[host] += 1

    def as_json(self, *, with_symbols: bool = True) -> dict[str, Any]:
        """Everything, as ``/_market/stats`` answers it."""
        vendors = {
            name: {
                "requests": sum(kind.requests for kind in kinds.values()),
                "kinds": {k: kinds[k].as_json(with_symbols=with_symbols) for k in sorted(kinds)},
            }
            for name, kinds in sorted(self._vendors.items())
        }
        return {"since": self._since.isoformat(), "vendors": vendors, "refused_hosts": dict(self._refused_hosts)}
