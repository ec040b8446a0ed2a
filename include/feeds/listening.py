"""Listening to a stream for ever: connections come and go, and every coming and going is told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from include.contracts.corrections import TickCorrection
from include.contracts.prices import Tick
from include.errors import Transient
from include.feeds import socket
from include.feeds.socket import Dial

_BASE_S = 0.5
_CAP_S = 30.0
# Whoever holds the one connection that the key allows will not let go within a second.
_REFUSED_AT_LEAST_S = 5.0


class Connected(msgspec.Struct, frozen=True):
    """Subscribed at ``at``: what is traded from now on is heard."""

    at: datetime


class Heard(msgspec.Struct, frozen=True):
    """Ticks, in the order in which they came, and what the vendor took back of those before."""

    ticks: tuple[Tick, ...]
    corrections: tuple[TickCorrection, ...] = ()


class Lost(msgspec.Struct, frozen=True):
    """Not connected since ``at``; the next try is in ``wait_s`` seconds."""

    at: datetime
    why: str
    wait_s: float


Event = Connected | Heard | Lost


def backoff_s(failures: int, jitter: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds to wait after that many failures in a row (1 or more): doubling, capped, at least half of it sure."""
    ceiling = min(_CAP_S, _BASE_S * 2 ** min(failures - 1, 20))
    return jitter(ceiling / 2, ceiling)


async def listening(
    dial: Dial,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncGenerator[Event]:
    """Everything that happens, for ever. Raises ConfigurationError when a person must act."""
    failures = 0
    while True:
        try:
            async with aclosing(socket.frames(dial, now)) as frames:
                connected = False
                async for frame in frames:
                    if not connected:
                        connected = True
                        yield Connected(now())
                    if frame.ticks or frame.corrections:
                        failures = 0
                        yield Heard(frame.ticks, frame.corrections)
        except Transient as error:
            failures += 1
            at_least_s = max(error.retry_after_s or 0.0, _REFUSED_AT_LEAST_S if error.source else 0.0)
            wait_s = max(backoff_s(failures), at_least_s)
            yield Lost(now(), str(error), wait_s)
            await sleep(wait_s)
