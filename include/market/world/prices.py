"""Daily prices of generated companies: a random walk told backwards, so that it ends at today's price."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from include.market.world.company import Company

SESSIONS_PER_YEAR = 252


class Day(msgspec.Struct, frozen=True):
    """One session: ``at`` is its opening; prices in the listing's currency."""

    at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int


def history(company: Company, seed: int, last_close: datetime, sessions: int) -> list[Day]:
    """The last ``sessions`` days up to ``last_close``, oldest first; fewer are the end of more."""
    draw = random.Random(f"{seed}:{company.seed}:prices")
    zone = ZoneInfo(company.region.timezone)
    weekend = (4, 5) if company.region.friday_saturday else (5, 6)
    usual = max(100, int(company.shares * draw.uniform(0.0005, 0.008)))
    swing = draw.uniform(0.01, 0.03)
    day, close = last_close.astimezone(zone).date(), company.price
    days: list[Day] = []
    while len(days) < sessions:
        if day.weekday() not in weekend:
            before = round(close / (1 + max(-0.3, min(0.3, draw.gauss(0.0003, swing)))), 4)
            opened = round(before * (1 + draw.gauss(0, swing / 3)), 4)
            spread = abs(draw.gauss(0, swing / 2))
            high, low = max(opened, close) * (1 + spread), min(opened, close) * (1 - spread)
            volume = int(usual * draw.lognormvariate(0, 0.5))
            days.append(
                Day(_opening(day, company.region.opens, zone), opened, round(high, 4), round(low, 4), close, volume)
            )
            close = before
        day -= timedelta(days=1)
    return days[::-1]


def _opening(day: date, opens: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, opens, zone)
