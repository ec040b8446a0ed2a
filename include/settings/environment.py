"""Where the environment comes from: the process, what the running local stack wrote about itself, and ``.env``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

PROJECT = Path(__file__).resolve().parent.parent.parent

Environment = Mapping[str, str]

# How a source is reached. While the local market plays the sources, its own values win: a machine that
# exports a proxy or a CA bundle for everything else would not find the market, or not trust it.
_WAY_TO_THE_SOURCES = (
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "STOCKS_BROWSER_SPKI"),
)
# Per vendor of prices: its keys, and the addresses that they go to. A real key is never shown to the local market.
_KEYS_AND_ADDRESSES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("POLYGON_API_KEY",), ("POLYGON_BASE_URL",)),
    (("BRAPI_TOKEN",), ()),
    (("ALPHAVANTAGE_API_KEY",), ()),
    (("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"), ("ALPACA_STREAM_URL", "ALPACA_DATA_URL")),
)
VENDOR_VARIABLES = tuple(name for pair in _KEYS_AND_ADDRESSES for names in pair for name in names)
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def environment() -> dict[str, str]:
    """The process environment over the running local stack's own settings over ``.env``.

    A ``.env`` that was written for Docker does not lead the commands away from a local stack that runs.
    The way to the local market, while one runs, is the stack's alone to say.
    """
    written = {k: v for k, v in dotenv_values(PROJECT / ".env").items() if v is not None}
    home = Path({**written, **os.environ}.get("STOCKS_HOME") or PROJECT / ".stocks")
    stack = {k: v for k, v in dotenv_values(home / "stack.env").items() if v is not None}
    asked = written | stack | dict(os.environ)
    if "STOCKS_BROWSER_SPKI" not in stack:
        return asked
    own = {**written, **os.environ}
    says = {*_WAY_TO_THE_SOURCES, *played_variables(own)}
    return asked | {name: stack[name] for name in says if name in stack}


def lead_clients(env: Environment) -> None:
    """Let this process's HTTP clients, which read its own environment, go to the sources by the way that ``env`` says.

    Whoever starts a command beside a running local stack has not exported the way to its market.
    """
    os.environ.update({name: env[name] for name in _WAY_TO_THE_SOURCES if name in env})


def played_variables(env: Environment) -> list[str]:
    """The variables of those vendors that the local market plays: keys and addresses.

    A vendor whose address ``env`` puts on this machine is somebody's own stand-in: it keeps its key and is not played.
    """
    return [
        name
        for keys, addresses in _KEYS_AND_ADDRESSES
        if not any(urlsplit(env.get(address, "")).hostname in _THIS_MACHINE for address in addresses)
        for name in (*keys, *addresses)
    ]
