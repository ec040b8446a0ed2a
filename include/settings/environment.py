"""Where the environment comes from: the process, what the running local stack wrote about itself, and ``.env``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

PROJECT = Path(__file__).resolve().parent.parent.parent

Environment = Mapping[str, str]

# How a source is reached. While the local market plays the sources, its own values win: a machine that
# exports a proxy or a CA bundle for everything else would not find the market, or not trust it.
_WAY_TO_THE_SOURCES = (
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "STOCKS_BROWSER_SPKI"),
)


def environment() -> dict[str, str]:
    """The process environment over the running local stack's own settings over ``.env``.

    A ``.env`` that was written for Docker does not lead the commands away from a local stack that runs.
    The way to the local market, while one runs, is the stack's alone to say.
    """
    written = {k: v for k, v in dotenv_values(PROJECT / ".env").items() if v is not None}
    home = Path({**written, **os.environ}.get("STOCKS_HOME") or PROJECT / ".stocks")
    stack = {k: v for k, v in dotenv_values(home / "stack.env").items() if v is not None}
    market = {k: stack[k] for k in _WAY_TO_THE_SOURCES if k in stack} if "STOCKS_BROWSER_SPKI" in stack else {}
    return written | stack | dict(os.environ) | market
