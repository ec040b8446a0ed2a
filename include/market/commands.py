"""`stocks market`: the outside world, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
    app.command("market")(market)


def market(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 8089,
    stocks_per_region: Annotated[int, typer.Option(help="Generated stocks in each of the 59 regions.", min=0)] = 200,
    seed: Annotated[int, typer.Option(help="The same seed makes the same market and the same faults.", min=0)] = 1,
    profile: Annotated[str, typer.Option(help="calm, rate-limited, flaky or hostile.")] = "calm",
    latency_ms: Annotated[float, typer.Option(help="Added to every answer of a vendor.", min=0)] = 0,
    recordings: Annotated[Path | None, typer.Option(help="A folder of recorded answers, put in front.")] = None,
    max_url_bytes: Annotated[int | None, typer.Option(help="Refuse longer addresses with a 414.", min=256)] = None,
) -> None:
    """Serve the local market: Yahoo and the vendors of prices, under their own names behind a proxy on 127.0.0.1."""
    from include.market.process import serve
    from include.market.server import MarketSettings
    from include.settings import Home, environment
    from include.terminal import Console

    env = environment()
    settings = MarketSettings(
        home=Home.from_env(env).home,
        port=port,
        seed=seed,
        stocks_per_region=stocks_per_region,
        profile=profile,
        latency_ms=latency_ms,
        recordings=recordings,
        max_target_bytes=max_url_bytes,
    )
    serve(settings, Console(stderr=True))
