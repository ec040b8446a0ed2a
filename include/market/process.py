"""The local market as a process of its own: says where it is, stops on SIGINT and SIGTERM."""

from __future__ import annotations

import signal
import threading

from rich.console import Console

from include.market.server import Market, MarketSettings


def serve(settings: MarketSettings, console: Console) -> None:
    """Serve until a signal says stop. Raises Unfit if the port cannot be had."""
    stopping = threading.Event()
    previous = {number: signal.signal(number, lambda *_: stopping.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with Market(settings) as market:
            console.print(f"local market on {market.url} (profile {settings.profile}, seed {settings.seed})")
            console.print("clients reach it by these variables:")
            for name, value in market.environment.items():
                console.print(f"  {name}={value}", markup=False, highlight=False, soft_wrap=True)
            stopping.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
