"""One headless Chromium per worker: reused, restarted when it breaks, hard time limits on everything.

The only file that starts a browser. Where it goes (a proxy, a certificate to accept) comes from the
environment alone, so the same code reaches the live source and the local market.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from selenium.common.exceptions import NoSuchDriverException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.driver_finder import DriverFinder
from selenium.webdriver.common.proxy import Proxy, ProxyType
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from include.errors import Transient, Unfit
from include.scrapers.browser_options import BLOCKED, browser_environment, chrome_options
from include.scrapers.browser_trust import fingerprints
from include.scrapers.profile import Profile, sweep

log = logging.getLogger(__name__)

PAGE_LOAD_S = 30
SCRIPT_S = 20
# Above both limits: a driver that has not answered by then never will.
ANSWER_S = 45
PAGES_PER_BROWSER = 500  # a browser grows; a fresh one costs a second

_DRIVERS = ("chromedriver",)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Running(NamedTuple):
    """A started browser, the driver's process beside it, and the folder of both."""

    driver: WebDriver
    service: Service
    profile: Profile


class Browser:
    """A browser that starts when it is first used. Not for two threads at once: the caller takes turns.

    ``generation`` counts its starts: whoever remembers tabs or filters forgets them when it changes.
    """

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        self._env = env
        self._folder = folder
        self._running: Running | None = None
        self._pages = 0
        self.generation = 0

    @contextmanager
    def driver(self) -> Iterator[WebDriver]:
        """The running browser for one page. What breaks it is Transient: the next use starts a fresh one.

        Raises Unfit if no browser can be started.
        """
        if self._pages >= PAGES_PER_BROWSER:
            self.close()
        driver = self._started() if self._running is None else self._running.driver
        self._pages += 1
        try:
            yield driver
        except (HTTPError, OSError) as error:
            self._kill()
            raise Transient(f"the browser's driver does not answer ({error}); the browser is started anew") from error
        except WebDriverException as error:
            reason = first_line(error)
            if not _alive(driver):
                self._kill()
                raise Transient(f"the browser broke ({reason}); it is started anew") from error
            raise Transient(f"the browser could not show the page ({reason}); it is loaded again") from error

    def close(self) -> None:
        """Stop the browser and remove its folder. Safe to repeat."""
        if self._running is not None:
            with suppress(WebDriverException, HTTPError, OSError):
                self._running.driver.quit()
        self._kill()

    def _kill(self) -> None:
        running, self._running, self._pages = self._running, None, 0
        if running is not None:
            running.profile.remove()
            running.service.stop()  # its process is gone: this only collects it

    def _started(self) -> WebDriver:
        if self.generation == 0:
            sweep(self._folder)
        profile = Profile(self._folder)
        try:
            self._running = start_chromium(self._env, profile)
        except BaseException:
            profile.remove()
            raise
        self.generation += 1
        return self._running.driver


def start_chromium(env: Mapping[str, str], profile: Profile) -> Running:
    """Start Chromium with its state in ``profile``. Raises Unfit saying what to install."""
    options = chrome_options(env, profile.path, fingerprints(env), binary=_found(_BROWSERS))
    service = Service(
        executable_path=_found(_DRIVERS),  # None: Selenium Manager finds or fetches one
        service_args=[f"--log-path={profile.path / 'driver.log'}"],
        env=browser_environment(os.environ) | {"TMPDIR": str(profile.aside)},
        # A Ctrl-C at the terminal is the worker's to handle: it closes the browser after its last task.
        popen_kw={"start_new_session": True},
    )
    try:
        service.path = DriverFinder(service, options).get_driver_path()
        service.start()
        driver = _session(service, options)
    except NoSuchDriverException as error:
        raise Unfit(
            f"no browser was found ({first_line(error)}); install Chromium and its driver "
            "(Debian, Ubuntu: apt-get install chromium chromium-driver), or set SCREENER=api"
        ) from error
    except (WebDriverException, HTTPError, OSError) as error:
        raise Unfit(
            f"the browser did not start ({first_line(error)}); see that chromium and chromedriver are of one "
            "version and that memory is left, or set SCREENER=api"
        ) from error
    log.info("browser started", extra={"browser": driver.capabilities.get("browserVersion")})
    return Running(driver, service, profile)


def _session(service: Service, options: Options) -> WebDriver:
    config = ClientConfig(
        remote_server_addr=service.service_url,
        keep_alive=True,
        timeout=ANSWER_S,
        proxy=Proxy({"proxyType": ProxyType.DIRECT}),  # the driver is on this machine
    )
    connection = ChromeRemoteConnection(service.service_url, client_config=config)
    try:
        driver = WebDriver(command_executor=connection, options=options)
    except BaseException:
        service.stop()
        raise
    driver.set_page_load_timeout(PAGE_LOAD_S)
    driver.set_script_timeout(SCRIPT_S)
    return driver


def first_line(error: Exception) -> str:
    """What an error of the driver says, without its stack trace."""
    text = getattr(error, "msg", None) or str(error) or type(error).__name__
    return str(text).strip().splitlines()[0]


def lighten(driver: WebDriver) -> None:
    """Let the present tab fetch nothing that no row depends on."""
    for command, arguments in (("Network.enable", {}), ("Network.setBlockedURLs", {"urls": list(BLOCKED)})):
        driver.execute("executeCdpCommand", {"cmd": command, "params": arguments})


def _alive(driver: WebDriver) -> bool:
    try:
        return bool(driver.window_handles)
    except (WebDriverException, HTTPError, OSError):
        return False


def _found(names: tuple[str, ...]) -> str | None:
    return next((path for path in map(shutil.which, names) if path), None)
