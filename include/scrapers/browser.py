"""One headless Chromium per worker: reused, restarted when it breaks, hard time limits on everything.

The only file that starts a browser. Where it goes (a proxy, a certificate to accept) comes from the
environment alone, so the same code reaches the live source and the local market.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import NoSuchDriverException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from include.errors import Transient, Unfit
from include.scrapers.browser_options import BLOCKED, chrome_options
from include.scrapers.profile import Profile, sweep

log = logging.getLogger(__name__)

PAGE_LOAD_S = 30
SCRIPT_S = 20
# Above both limits: a driver that has not answered by then never will.
ANSWER_S = 45
PAGES_PER_BROWSER = 500  # a browser grows; a fresh one costs a second

_DRIVERS = ("chromedriver",)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Browser:
    """A browser that starts when it is first used. Not for two threads at once: the caller takes turns.

    ``generation`` counts its starts: whoever remembers tabs or filters forgets them when it changes.
    """

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        self._env = env
        self._folder = folder
        self._driver: webdriver.Chrome | None = None
        self._profile: Profile | None = None
        self._pages = 0
        self.generation = 0

    @contextmanager
    def driver(self) -> Iterator[WebDriver]:
        """The running browser for one page. What breaks it is Transient: the next use starts a fresh one.

        Raises Unfit if no browser can be started.
        """
        if self._pages >= PAGES_PER_BROWSER:
            self.close()
        driver = self._driver or self._started()
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
        if self._driver is not None:
            with suppress(WebDriverException, HTTPError, OSError):
                self._driver.quit()
        self._kill()

    def _kill(self) -> None:
        if self._profile is not None:
            self._profile.remove()
        if self._driver is not None:
            self._driver.service.stop()  # killed above: this only collects it
        self._driver = self._profile = None
        self._pages = 0

    def _started(self) -> webdriver.Chrome:
        if self.generation == 0:
            sweep(self._folder)
        self._profile = Profile(self._folder)
        try:
            self._driver = start_chromium(self._env, self._profile.path)
        except BaseException:
            self._profile.remove()
            self._profile = None
            raise
        self.generation += 1
        return self._driver


def start_chromium(env: Mapping[str, str], profile: Path) -> webdriver.Chrome:
    """Start Chromium with its state in ``profile``. Raises Unfit saying what to install."""
    options = chrome_options(env, profile, binary=_found(_BROWSERS))
    service = Service(
        executable_path=_found(_DRIVERS),  # None: Selenium Manager finds or fetches one
        service_args=[f"--log-path={profile / 'driver.log'}"],
        # A Ctrl-C at the terminal is the worker's to handle: it closes the browser after its last task.
        popen_kw={"start_new_session": True},
    )
    try:
        driver = webdriver.Chrome(options=options, service=service)
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
    _limit(driver)
    log.info("browser started", extra={"browser": driver.capabilities.get("browserVersion")})
    return driver


def first_line(error: Exception) -> str:
    """What an error of the driver says, without its stack trace."""
    text = getattr(error, "msg", None) or str(error) or type(error).__name__
    return str(text).strip().splitlines()[0]


def _limit(driver: webdriver.Chrome) -> None:
    driver.set_page_load_timeout(PAGE_LOAD_S)
    driver.set_script_timeout(SCRIPT_S)
    if isinstance(driver.command_executor, RemoteConnection):
        driver.command_executor.client_config.timeout = ANSWER_S
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": list(BLOCKED)})


def _alive(driver: WebDriver) -> bool:
    try:
        return bool(driver.window_handles)
    except (WebDriverException, HTTPError, OSError):
        return False


def _found(names: tuple[str, ...]) -> str | None:
    return next((path for path in map(shutil.which, names) if path), None)
