"""What a vendor is to the local market: its hosts, and an answer to every request.

A vendor is one file (Yahoo, the largest, is a folder) and one row of ``include.market.hosts``. It
knows nothing of sockets: faults of the network (late, cut off, reset) are the server's, refusals in
the vendor's own words are the vendor's.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from include.market.wire import Reply, Request


class Asked(msgspec.Struct, frozen=True):
    """What a request asks: the ``kind`` it is counted under, and the symbols it names, if any.

    ``subject`` tells requests of one kind apart for faults, which strike by (kind, subject, n-th time).
    """

    kind: str
    symbols: tuple[str, ...] = ()
    subject: str = ""


class Vendor(Protocol):
    """One vendor under its real host names."""

    @property
    def name(self) -> str:
        """What its requests are counted under."""
        ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that it answers under."""
        ...

    def asked(self, request: Request) -> Asked:
        """What ``request`` asks, for the counts and the faults; decides nothing."""
        ...

    def answer(self, request: Request, asked: Asked) -> Reply:
        """The vendor's answer when all is well."""
        ...

    def refuse(self, fault: str, request: Request, asked: Asked) -> Reply | None:
        """The vendor's own wording of ``fault``; None where it has none, and the fault does not strike."""
        ...
