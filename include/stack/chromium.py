"""Chromium for the scraping workers: found, installed where nobody needs to be asked, or done without."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping

from include.stack import trust
from include.stack.screen import Screen

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PACKAGES = ("chromium", "chromium-driver")
_SYSTEMS_UMASK = 0o022  # what becomes the system's is not for us alone, as the stack's own files are


def screener(env: Mapping[str, str], screen: Screen) -> str:
    """How pages are listed here: ``browser``, or ``api`` where there is no browser or none is wanted."""
    asked = env.get("SCREENER")
    if asked:
        return asked
    if installed(shutil.which) or _install(screen):
        return "browser"
    screen(
        "  ! No Chromium with its driver was found, so pages are listed by the API (SCREENER=api). "
        f"To list by browser: {_advice()}",
        style="yellow",
    )
    return "api"


def installed(which: Callable[[str], str | None]) -> bool:
    """Whether a browser and its driver are on the path."""
    return any(which(name) for name in _BROWSERS) and which("chromedriver") is not None


def _install(screen: Screen) -> bool:
    """Install Debian's packages if we may without asking."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    env = {**trust.nobody(os.environ), "DEBIAN_FRONTEND": "noninteractive"}
    with screen.step(f"installing {' and '.join(_PACKAGES)} with apt-get"):
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *_PACKAGES]):
            done = subprocess.run(
                ["apt-get", "--quiet", *arguments],  # noqa: S607 - the system's own
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                umask=_SYSTEMS_UMASK,
            )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        screen(f"  ! apt-get could not install Chromium: {' '.join(last)}", style="yellow")
    return done.returncode == 0 and installed(shutil.which)


def _advice() -> str:
    if shutil.which("apt-get"):
        return "apt-get install chromium chromium-driver"
    if shutil.which("brew"):
        return "brew install --cask chromium chromedriver"
    return "install Chromium and chromedriver"
