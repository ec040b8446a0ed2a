"""The local market as a server: in a thread of this process (tests), or as a process of its own."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from include.errors import ConfigurationError, Unfit
from include.market import certificates, hosts
from include.market.connection import Connection, Connections
from include.market.desk import MarketDesk
from include.market.profiles import profile

T = TypeVar("T")

ADDRESS = "127.0.0.1"
_BACKLOG = 1024  # a pipeline opens its connections all at once
_START_TIMEOUT_S = 30


class MarketSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the market is to be. ``port`` 0 takes a free one; ``as_of`` None is today.

    ``max_target_bytes`` refuses longer request targets with a 414, as a front of the source might.
    """

    home: Path
    port: int = 0
    seed: int = 1
    stocks_per_region: int = 200
    profile: str = "calm"
    latency_ms: float = 0.0
    recordings: Path | None = None
    as_of: date | None = None
    max_target_bytes: int | None = None


class Market:
    """The local market, listening on loopback only. A context manager: started and stopped."""

    def __init__(self, settings: MarketSettings, address: str = ADDRESS) -> None:
        if not ipaddress.ip_address(address).is_loopback:
            raise ConfigurationError(f"the local market listens on loopback only, not on {address}; use {ADDRESS}")
        self._settings = settings
        self._address = address
        self._vendors = hosts.vendors(settings.seed, settings.stocks_per_region, settings.as_of, settings.recordings)
        names = hosts.certificate_names(self._vendors)
        self.certificates = certificates.ensure(settings.home / "market", names)
        self._desk = MarketDesk(
            self._vendors,
            _tls(self.certificates.leaf_file),
            profile(settings.profile),
            seed=settings.seed,
            latency_s=settings.latency_ms / 1000,
            max_target_bytes=settings.max_target_bytes,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None
        self._listening = threading.Event()
        self.port = settings.port

    @property
    def url(self) -> str:
        """Where it listens, as a proxy's address."""
        return f"http://{self._address}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a client process reaches this market, and nothing else."""
        bundle = str(self.certificates.bundle_file)
        return {
            "HTTPS_PROXY": self.url,
            "HTTP_PROXY": self.url,
            "NO_PROXY": "127.0.0.1,localhost",
            "REQUESTS_CA_BUNDLE": bundle,
            "CURL_CA_BUNDLE": bundle,
            "SSL_CERT_FILE": bundle,
            "STOCKS_BROWSER_SPKI": self.certificates.spki,
        }

    def stats(self) -> Mapping[str, Any]:
        """What ``/_market/stats`` answers."""
        return self._in_loop(self._desk.stats.as_json)

    def reset_stats(self) -> None:
        """Count from zero again."""
        self._in_loop(self._desk.stats.reset)

    def strike(self, kind: str, *faults: str) -> None:
        """Strike the next requests of ``kind`` with ``faults``, one each, whatever the profile says."""
        self._in_loop(lambda: self._desk.strike(kind, faults))

    def run(self) -> None:
        """Serve until ``stop``. Raises Unfit if the port cannot be had."""
        asyncio.run(self._serve())
        if self._failure is not None:
            raise self._failure

    def start(self) -> None:
        """Serve in a thread; returns once it listens. Raises Unfit."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="market", daemon=True)
        self._thread.start()
        if not self._listening.wait(_START_TIMEOUT_S):
            raise Unfit(f"the local market did not listen on {self.url} within {_START_TIMEOUT_S} s")
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Stop serving; every connection is closed when it returns."""
        if self._loop is not None and self._stopping is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Market:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        connections = Connections()
        try:
            server = await self._loop.create_server(
                lambda: Connection(self._desk, connections), self._address, self.port, backlog=_BACKLOG
            )
        except OSError as error:
            self._failure = Unfit(
                f"the local market cannot listen on {self._address}:{self.port} ({error.strerror}); "
                "free the port or choose another with --port (0 takes a free one)"
            )
            self._listening.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._stopping.wait()
        for listening in server.sockets:
            self._loop.remove_reader(listening.fileno())
        await asyncio.sleep(0)  # what was accepted gets its transport: asyncio drops it unclosed after server.close()
        server.close()
        connections.close()
        await server.wait_closed()
        await asyncio.sleep(0)  # lets the aborted transports say good-bye before the loop ends

    def _in_loop(self, function: Callable[[], T]) -> T:
        """Run ``function`` where the counts are written: they have no lock."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return function()

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), loop).result()


def _tls(leaf_file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf_file)
    context.set_alpn_protocols(["http/1.1"])
    return context
