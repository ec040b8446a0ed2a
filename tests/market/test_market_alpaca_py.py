"""The vendor's own client as a second opinion: what alpaca-py hears from the market, our socket hears too."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from include.contracts.prices import Tick
from include.feeds import alpaca
from include.feeds.hours import AlwaysOpen
from include.feeds.listening import Heard, listening
from include.feeds.socket import Dial, address
from include.market.server import Market, MarketSettings

DEADLINE_S = 60
THEIRS = """
import json, os, sys
from alpaca.data.live import CryptoDataStream

heard = []

async def hear(tick):
    price = getattr(tick, "price", None) or tick.bid_price
    heard.append([type(tick).__name__.lower(), tick.timestamp.isoformat(), price])
    if len(heard) == 12:
        print(json.dumps(heard), flush=True)
        os._exit(0)

stream = CryptoDataStream("their-key-1", "their-secret", url_override=sys.argv[1] + "/v1beta3/crypto/us")
stream.subscribe_trades(hear, "BTC/USD")
stream.subscribe_quotes(hear, "BTC/USD")
stream.run()
"""


def test_our_socket_hears_what_alpacas_own_client_hears(tmp_path: Path) -> None:
    with Market(MarketSettings(home=tmp_path, stocks_per_region=1)) as market:
        url = market.url.replace("http", "ws")
        command = [sys.executable, "-W", "ignore", "-c", THEIRS, url]
        theirs = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            ours = asyncio.run(_listen_until_ended(url, theirs))
            out, _ = theirs.communicate(timeout=DEADLINE_S)
        finally:
            theirs.kill()
            theirs.wait()
    heard = {(kind, _milliseconds(datetime.fromisoformat(at)), price) for kind, at, price in json.loads(out)}
    assert len(heard) == 12
    assert heard <= {_as_theirs(tick) for tick in ours}


async def _listen_until_ended(url: str, theirs: subprocess.Popen[str]) -> list[Tick]:
    """Our ticks from before the other client connects until after it has ended."""
    dial = Dial(
        stream=alpaca.CRYPTO,
        url=address(alpaca.CRYPTO, url),
        key_id=SecretStr("our-key-1"),
        secret_key=SecretStr("our-secret"),
        symbols=("BTC/USD",),
        symbols_variable="ALPACA_CRYPTOS",
        hours=lambda _at: AlwaysOpen(),
        mute_s=10,
    )
    ticks: list[Tick] = []
    frames_after = 0
    async with asyncio.timeout(DEADLINE_S), aclosing(listening(dial)) as events:
        async for event in events:
            if isinstance(event, Heard):
                ticks += event.ticks
                frames_after += theirs.poll() is not None
                if frames_after == 3:
                    break
    return ticks


def _as_theirs(tick: Tick) -> tuple[str, int, float | None]:
    return tick.kind, _milliseconds(tick.ticked_at), tick.price if tick.kind == "trade" else tick.bid


def _milliseconds(moment: datetime) -> int:
    # alpaca-py cuts nanoseconds off where we round them: microseconds may differ.
    return int(moment.timestamp() * 1000)
