"""The table of vendors that the local market plays. A new vendor is a file and a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from include.market.alpaca import Alpaca
from include.market.alpha_vantage import AlphaVantage
from include.market.brapi import Brapi
from include.market.polygon import Polygon
from include.market.tape import Tape
from include.market.vendor import Vendor
from include.market.world.world import World, closed_before
from include.market.yahoo.vendor import Yahoo


def vendors(seed: int, stocks_per_region: int, as_of: date | None, recordings: Path | None) -> list[Vendor]:
    """Every vendor, all telling of one and the same world. ``as_of`` None is today."""
    world = World(seed, stocks_per_region, closed_before(as_of))
    tape = Tape(seed)
    return [
        Yahoo(world, recordings),
        Polygon(tape, world.moment),
        Brapi(tape, world.moment),
        AlphaVantage(tape, world.moment),
        Alpaca(tape),
    ]


def certificate_names(played: Sequence[Vendor]) -> list[str]:
    """The names in the market's certificate: exactly the hosts that it plays."""
    return sorted({host for vendor in played for host in vendor.hosts})
