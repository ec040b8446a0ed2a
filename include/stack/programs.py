"""The stack's own programs: workers and the local market, each one `stocks` command in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import httpx
import msgspec

from include.errors import Transient
from include.settings import PROJECT
from include.stack.ports import LOOPBACK
from include.stack.program import Program

_STOCKS = (sys.executable, "-m", "include.cli")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What `stocks up` is asked for."""

    market: Literal["local", "live"] = "local"
    profile: str = "calm"
    seed: int = 1
    stocks_per_region: int = 200
    latency_ms: float = 0
    recordings: Path | None = None
    scraping_workers: int = 1
    processing_workers: int = 2
    feeds: bool = True


def market_program(options: Options, port: int, env: Mapping[str, str], logs: Path) -> Program:
    """The local market."""
    arguments = ["--port", str(port), "--seed", str(options.seed), "--profile", options.profile]
    arguments += ["--stocks-per-region", str(options.stocks_per_region), "--latency-ms", f"{options.latency_ms:g}"]
    if options.recordings is not None:
        arguments += ["--recordings", str(options.recordings)]
    return Program("market", (*_STOCKS, "market", *arguments), env, logs / "market.log", PROJECT)


def market_answers(port: int) -> bool:
    """Whether the local market is ready."""
    try:
        return httpx.get(f"http://{LOOPBACK}:{port}/_market/health", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def market_variables(home: Path, port: int) -> dict[str, str]:
    """By which variables a client finds the local market in place of the vendors. Raises Transient."""
    folder = home / "market"
    bundle = folder / "bundle.pem"
    try:
        fingerprint = (folder / "spki.txt").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise Transient(
            f"the local market wrote no certificate into {folder}. Its log: {home}/logs/market.log"
        ) from None
    proxy = f"http://{LOOPBACK}:{port}"
    trust = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"), str(bundle))
    return {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "STOCKS_BROWSER_SPKI": fingerprint} | trust


def without_proxies(env: Mapping[str, str]) -> dict[str, str]:
    """``env`` without anybody's proxies: the local market is one, and stands for the world outside."""
    return {name: value for name, value in env.items() if name.upper() not in _PROXIES}


def worker_programs(options: Options, env: Mapping[str, str], logs: Path) -> list[Program]:
    """Every worker; each knows its own name, under which the broker remembers it after a ``kill -9``."""
    counts = {"scraping": options.scraping_workers, "processing": options.processing_workers}
    return [
        Program(
            f"{stage}-{number}",
            (*_STOCKS, "worker", stage, "--name", f"{stage}-{number}", "--port", "0"),
            env,
            logs / f"{stage}-{number}.log",
            PROJECT,
        )
        for stage, count in counts.items()
        for number in range(1, count + 1)
    ]


def worker_answers(home: Path, name: str) -> bool:
    """Whether the worker says that it is well."""
    try:
        port = msgspec.json.decode((home / "workers" / f"{name}.json").read_bytes())["port"]
        return httpx.get(f"http://{LOOPBACK}:{port}/healthz", timeout=2, trust_env=False).is_success
    except (FileNotFoundError, KeyError, msgspec.DecodeError, httpx.HTTPError):
        return False
