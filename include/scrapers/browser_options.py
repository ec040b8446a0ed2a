"""How Chromium is started: what it may fetch, through which proxy, and what it leaves out."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from selenium.webdriver.chrome.options import Options

from include.errors import ConfigurationError
from include.scrapers.yahoo_session import proxy

log = logging.getLogger(__name__)

# Weight that no row depends on. Styles stay: without them a click may land elsewhere.
BLOCKED = (
    "*.png", "*.jpg", "*.jpeg", "*.gif", "*.webp", "*.avif", "*.svg", "*.ico",
    "*.woff", "*.woff2", "*.ttf", "*.otf",
    "*.mp4", "*.webm", "*.m3u8", "*.mp3",
    "*doubleclick.net*", "*googlesyndication.com*", "*googletagmanager.com*", "*taboola.com*",
)  # fmt: skip

# What a browser needs of our environment. The worker's own holds passwords, and pages run scripts of others.
# STOCKS_STACK is the mark by which a stack that ends finds what is left of it.
_SEEN = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "DISPLAY", "STOCKS_STACK")
_SEEN_PREFIXES = ("LC_", "XDG_", "LD_", "DYLD_", "FONTCONFIG_", "CHROM", "DBUS_", "SE_")
_ALWAYS = (
    "--headless=new",
    "--window-size=1280,720",  # wide enough for every column, and no more to paint
    "--process-per-site",  # the tabs of one site share a renderer
    "--disable-gpu",
    "--disable-dev-shm-usage",  # /dev/shm is small in containers
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-client-side-phishing-detection",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-features=Translate,OptimizationHints,MediaRouter,InterestFeedContentSuggestions,"
    "CertificateTransparencyComponentUpdater,AutofillServerCommunication,PaintHolding",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--password-store=basic",
    "--use-mock-keychain",
    "--blink-settings=imagesEnabled=false",
    "--lang=en-US",
)


def chrome_options(env: Mapping[str, str], profile: Path, trusted: Sequence[str], *, binary: str | None) -> Options:
    """The options for a browser that keeps its state in ``profile``; ``binary`` None leaves finding it to selenium."""
    options = Options()
    for argument in arguments(env, profile, trusted, as_root=os.geteuid() == 0):
        options.add_argument(argument)
    options.page_load_strategy = "eager"  # the table is filled by a script, whatever else still loads
    if binary is not None:
        options.binary_location = binary
    return options


def browser_environment(env: Mapping[str, str]) -> dict[str, str]:
    """What of ``env`` the driver and the browser see: where things are, and nothing that is secret."""
    return {name: value for name, value in env.items() if name in _SEEN or name.startswith(_SEEN_PREFIXES)}


def arguments(env: Mapping[str, str], profile: Path, trusted: Sequence[str], *, as_root: bool) -> list[str]:
    """Chromium's command line; ``trusted`` are the fingerprints of public keys that it takes whoever signed them.

    Raises ConfigurationError for a proxy that Chromium cannot use.
    """
    chosen = [*_ALWAYS, f"--user-data-dir={profile}", *_proxy(env)]
    if as_root:
        log.warning("Chromium runs without its sandbox because this process is root; run workers as another user")
        chosen.append("--no-sandbox")
    if trusted:
        # These keys and no others; a system trust store is never touched.
        chosen.append(f"--ignore-certificate-errors-spki-list={','.join(trusted)}")
    return chosen


def _proxy(env: Mapping[str, str]) -> list[str]:
    address = proxy(env)
    if address is None:
        return ["--no-proxy-server"]
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.username or parts.password:
        raise ConfigurationError(
            "HTTPS_PROXY holds a user and a password, which Chromium does not take; "
            "use a local proxy that adds them, or set SCREENER=api"
        )
    bypass = env.get("NO_PROXY") or env.get("no_proxy") or ""
    server = f"--proxy-server={parts.scheme}://{parts.hostname}:{parts.port or 80}"
    return [server, f"--proxy-bypass-list={bypass.replace(',', ';')}"] if bypass else [server]
