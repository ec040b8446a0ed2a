"""A few tabs of one browser, each walking one list; the one least lately used is closed for a new one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver


class Tabs:
    """Remembers which tab shows what. The browser's first window stays empty, so that one is always left.

    ``prepare`` is called in every new tab: what a tab is told not to fetch holds for that tab alone.
    """

    def __init__(self, most: int, prepare: Callable[[WebDriver], None]) -> None:
        self._most = most
        self._prepare = prepare
        self._first: str | None = None
        self._handles: OrderedDict[Hashable, str] = OrderedDict()

    def forget(self) -> None:
        """The browser is another one: none of the tabs exists."""
        self._first = None
        self._handles.clear()

    def turn_to(self, driver: WebDriver, key: Hashable) -> bool:
        """Turn to the tab of ``key``; -> whether it is a new, empty one."""
        if key in self._handles:
            self._handles.move_to_end(key)
            driver.switch_to.window(self._handles[key])
            return False
        if self._first is None:
            self._first = driver.current_window_handle
        while len(self._handles) >= self._most:
            self.close(driver, next(iter(self._handles)))
        driver.switch_to.window(self._first)
        driver.switch_to.new_window("tab")
        self._handles[key] = driver.current_window_handle
        self._prepare(driver)
        return True

    def close(self, driver: WebDriver, key: Hashable) -> None:
        """Close the tab of ``key``, if there is one; a broken browser is left to whoever finds it broken."""
        handle = self._handles.pop(key, None)
        if handle is None or self._first is None:
            return
        with suppress(WebDriverException):
            driver.switch_to.window(handle)
            driver.close()
        with suppress(WebDriverException):
            driver.switch_to.window(self._first)
