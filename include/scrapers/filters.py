"""The screener page's filters, set by clicking as a person does.

How the page has them (public scrapers and pasted markup of 2025-26; class suffixes ``yf-xxxxxx``
change with every release and are never used). Every filter is a button that opens a dialog, one
dialog at a time; nothing happens to the table before Apply:

    Region       button.menuBtn[data-ylk*="slk:Region"]
                 div.dialog-container[aria-hidden="false"]  div.options
                   label[title="United States"] > input#us[type=checkbox][data-testid="filter-option-us"]
                 button[aria-label="Apply"][data-testid="filter-apply"]
    Market Cap   button.menuBtn[data-ylk*="slk:Market%20Cap%20(Intraday)"]
                 div.dialog-container[aria-hidden="false"]
                   label > input#custom[type=checkbox]     (beside presets such as Large Cap)
                   button[data-ylk*="slk:Between"][data-ylk*="elm:operator"]   (after Custom; Greater than, ...)
                   div.left-content > input    twice after Between: lower bound, upper bound, as "300M" or "2B"
                 button[aria-label="Apply"]

Between includes both bounds. The page itself comes with the United States chosen and no market cap.
"""

from __future__ import annotations

import re
import time
from typing import Any

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from include.contracts.market_cap import Band, shorten
from include.scrapers.page import LayoutChanged

_REGION_MENU = "button.menuBtn[data-ylk*='slk:Region']"
_MARKET_CAP_MENU = "button.menuBtn[data-ylk*='slk:Market%20Cap']"
_OPENS_S = 2.0
_CLICKS = 4
_WAIT_S = 5.0
_POLL_S = 0.02
# Above every company in every currency (the largest in rupiah are near 1,500T).
_NO_MAXIMUM = "100000T"

_SHOWN_REGION = """
const checked = [...document.querySelectorAll("input[data-testid^='filter-option-']:checked")].map(i => i.id)
  .filter(id => id.length === 2);
const menu = document.querySelector(arguments[0]);
return [checked, menu ? menu.textContent : ""];
"""
# What is to be clicked in the open dialog, so that `code` alone is chosen; null while it is not open.
_REGION_CLICKS = """
const dialog = document.querySelector("div.dialog-container[aria-hidden='false']");
const wanted = dialog && dialog.querySelector(`input[data-testid='filter-option-${arguments[0]}']`);
if (!wanted) return null;
const chosen = [...dialog.querySelectorAll("input[data-testid^='filter-option-']:checked")];
const changed = chosen.includes(wanted) ? chosen.filter(i => i !== wanted) : [...chosen, wanted];
return changed.map(i => i.closest("label") || i);
"""
_IN_DIALOG = """
const dialog = document.querySelector("div.dialog-container[aria-hidden='false']");
const found = dialog ? [...dialog.querySelectorAll(arguments[0])] : [];
return found.length >= arguments[1] ? found : null;
"""


def shows_region(driver: WebDriver, code: str, name: str) -> bool:
    """Whether the page says that it shows that region and no other."""
    checked, label = driver.execute_script(_SHOWN_REGION, _REGION_MENU)
    if checked:
        return bool(checked == [code])
    # Its options may be in the page only while the dialog is open; the button then has the name.
    return re.fullmatch(rf"\s*Region\W*{re.escape(name)}\W*", label or "", re.IGNORECASE) is not None


def choose_region(driver: WebDriver, code: str) -> None:
    """Choose that region alone and apply. Raises LayoutChanged if the page has no such filter."""
    for option in _opened(driver, _REGION_MENU, _REGION_CLICKS, code):
        click(driver, option)
    _apply(driver)


def choose_market_cap(driver: WebDriver, band: Band) -> None:
    """Choose market caps from the band's minimum to its maximum, both included, and apply.

    Raises LayoutChanged if the page has no such filter.
    """
    custom = _opened(driver, _MARKET_CAP_MENU, _IN_DIALOG, "input#custom", 1)[0]
    if not custom.is_selected():
        click(driver, custom)
    click(driver, _in_dialog(driver, "button[data-ylk*='slk:Between']")[0])
    low, high = _in_dialog(driver, "div.left-content input", 2)[:2]
    for field, text in ((low, shorten(band.minimum or 0)), (high, _upper(band))):
        field.clear()
        field.send_keys(text)
    _apply(driver)


def element(driver: WebDriver, selector: str) -> WebElement:
    """The first element of that selector. Raises LayoutChanged if there is none."""
    try:
        return driver.find_element(By.CSS_SELECTOR, selector)
    except NoSuchElementException:
        raise LayoutChanged(f"it has no {selector}") from None


def click(driver: WebDriver, target: WebElement) -> None:
    """Click as a person does, or, where something lies above it, as a script does."""
    try:
        target.click()
    except (ElementClickInterceptedException, ElementNotInteractableException):
        driver.execute_script("arguments[0].click()", target)


def _upper(band: Band) -> str:
    return _NO_MAXIMUM if band.maximum is None else shorten(band.maximum)


def _apply(driver: WebDriver) -> None:
    click(driver, _in_dialog(driver, "button[data-testid='filter-apply'], button[aria-label='Apply']")[0])


def _opened(driver: WebDriver, menu: str, script: str, *arguments: Any) -> Any:
    """What ``script`` finds in the dialog of ``menu``. A page may take clicks only some time after it is shown."""
    for _ in range(_CLICKS):
        click(driver, element(driver, menu))
        found = _within(driver, _OPENS_S, script, *arguments)
        if found is not None:
            return found
    raise LayoutChanged(f"{menu} opens no dialog with {arguments[0]!r}")


def _in_dialog(driver: WebDriver, selector: str, count: int = 1) -> list[WebElement]:
    found: list[WebElement] | None = _within(driver, _WAIT_S, _IN_DIALOG, selector, count)
    if found is None:
        raise LayoutChanged(f"its open dialog has no {selector}")
    return found


def _within(driver: WebDriver, limit_s: float, script: str, *arguments: Any) -> Any:
    """What ``script`` returns once it returns something other than null; None when time runs out."""
    deadline = time.monotonic() + limit_s
    while True:
        found = driver.execute_script(script, *arguments)
        if found is not None or time.monotonic() > deadline:
            return found
        time.sleep(_POLL_S)
