"""The way this pipeline replaces: one stock after another, with plain yfinance calls.

    python -m bench.naive SYMBOL...        prints {"stocks": n, "seconds": s} as JSON

It runs as a process of its own, so that it has a client, a cookie and a cache of its own; where the
requests go is decided by the environment (HTTPS_PROXY and a CA bundle), as for the workers.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings


def fetch(symbol: str) -> None:
    """What a script without a pipeline asks of one stock: six statements and the info."""
    import yfinance as yf

    ticker = yf.Ticker(symbol)
    for statement in ("income_stmt", "balance_sheet", "cashflow"):
        getattr(ticker, statement)
        getattr(ticker, f"quarterly_{statement}")
    _ = ticker.info


def main(symbols: list[str]) -> None:
    import yfinance as yf

    warnings.simplefilter("ignore")  # yfinance 1.7 warns about pandas 3 on every call
    with tempfile.TemporaryDirectory() as cache:
        yf.set_tz_cache_location(cache)
        fetch(symbols[0])  # cookie, crumb and imports are not what is compared
        start = time.perf_counter()
        for symbol in symbols[1:]:
            fetch(symbol)
        seconds = time.perf_counter() - start
    sys.stdout.write(json.dumps({"stocks": len(symbols) - 1, "seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
