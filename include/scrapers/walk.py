"""Walking the screener in a browser: open it, consent, wait until it shows what was asked for, turn pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import msgspec
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from include.errors import Transient, Unfit
from include.scrapers.filters import click, element
from include.scrapers.page import LayoutChanged

ADDRESS = "https://finance.yahoo.com/research-hub/screener/equity/"
PAGE_SIZE = 100

_SETTLE_S = 15.0
_POLL_S = 0.02
_STILL_S = 0.06  # a table that stays the same that long is not being filled any more
_UNANSWERED_S = 8.0  # a filter may change nothing, on a page whose requests are not seen
_PARTIAL_S = 5.0  # rows and a total that disagree, or are not there, get that long
_UNKNOWN_S = 4.0  # a complete page without table and filters gets that long
_SHORT_CHARS = 500  # an error page says less than that
_TOO_MANY = (429, 999)

_STATE = """
const rows = [...document.querySelectorAll("tr[data-testid='data-table-v2-row']")];
const totals = [...document.querySelectorAll(".total")].map(e => e.textContent.trim());
const range = totals.map(t => t.match(/([\\d,]+)\\s*[-\\u2013]\\s*([\\d,]+)\\s+of\\s+([\\d,]+)/)).find(m => m);
const numbers = range ? range.slice(1).map(n => Number(n.replaceAll(",", ""))) : null;
const symbols = rows.map(r => (r.querySelector("[data-testid-cell='ticker']") || r).textContent.trim());
const table = document.querySelector("[data-testid='screener-table']");
const known = table || document.querySelector("[data-testid='filter-selector']");
const navigation = performance.getEntriesByType("navigation")[0];
const asked = performance.getEntriesByType("resource").filter(e => e.name.includes("/v1/finance/screener"));
return {
  kind: document.querySelector("form.consent-form button[name='agree']") ? "consent"
      : known || rows.length ? "screener" : document.readyState === "complete" ? "unknown" : "loading",
  busy: table !== null && table.getAttribute("aria-busy") === "true",
  length: document.body ? document.body.textContent.length : 0,
  range: numbers, rows: rows.length, symbols: symbols.join(" "),
  status: (navigation && navigation.responseStatus) || 200,
  has_next: document.querySelector("button[data-testid='next-page-button']:not([disabled])") !== null,
  answers: asked.length, answer: asked.map(e => e.responseStatus || 0).pop() || 0,
  error: location.protocol !== "chrome-error:" ? ""
      : (document.body.textContent.match(/ERR_[A-Z_]+/) || ["no page"])[0],
};
"""


class State(msgspec.Struct, frozen=True):
    """What the page shows at one moment.

    ``range`` is first, last and total; ``answers`` counts the page's requests for rows that have ended,
    ``answer`` is the status of the last one, 0 if there was none or it got no answer; ``length`` counts
    the characters of the page's text; ``error`` is Chromium's own page in place of the source's, by its code.
    """

    kind: Literal["consent", "screener", "unknown", "loading"]
    busy: bool
    length: int
    range: tuple[int, int, int] | None
    rows: int
    symbols: str
    status: int
    has_next: bool
    answers: int
    answer: int
    error: str

    @property
    def first(self) -> int:
        """The number of the first row, counted from 1; 0 without rows."""
        return self.range[0] if self.range and self.range[2] else 0

    @property
    def whole(self) -> bool:
        """Whether rows and their count agree."""
        if self.range is None:
            return False
        first, last, _ = self.range
        return self.rows == (last - first + 1 if first else 0)

    @property
    def short(self) -> bool:
        """Whether more rows could be shown per page than are."""
        return self.whole and self.range is not None and self.rows < min(PAGE_SIZE, self.range[2] - self.range[0] + 1)

    def is_beyond_end(self, start: int) -> bool:
        """Whether the list has no row ``start`` (counted from 0), and the page shows none."""
        return self.range is not None and self.rows == 0 and self.first == 0 and self.range[2] <= start

    def same_table(self, other: State) -> bool:
        """Whether both show the same part of the same list."""
        return (self.range, self.symbols) == (other.range, other.symbols)


def state(driver: WebDriver) -> State:
    """What the page shows now."""
    return msgspec.convert(driver.execute_script(_STATE), State)


def open_screener(driver: WebDriver, region: str, start: int, permit: Callable[[], None]) -> State:
    """Load the screener from row ``start`` (counted from 0), through the consent page if there is one.

    ``region`` is in the address too; whether the page takes it from there, its filter says.
    """
    permit()
    try:
        driver.get(f"{ADDRESS}?start={start}&count={PAGE_SIZE}&region={region}")
    except TimeoutException as error:
        raise Transient("the screener page did not load in time; it is loaded again") from error
    shown = settled(driver, None)
    if shown.kind == "consent":
        permit()
        click(driver, element(driver, "form.consent-form button[name='agree']"))
        shown = settled(driver, shown)
    return shown


def change(driver: WebDriver, action: Callable[[], None], permit: Callable[[], None]) -> State:
    """Do what makes the page ask for other rows, and wait until it shows them."""
    before = state(driver)
    permit()
    action()
    return settled(driver, before)


def next_page(driver: WebDriver) -> None:
    """Click on the next page; the button must be there and enabled."""
    click(driver, element(driver, "button[data-testid='next-page-button']"))


def show_full_pages(driver: WebDriver) -> None:
    """Choose as many rows per page as the page offers to us."""
    menus = driver.find_elements(By.XPATH, "//*[contains(text(), 'Rows per page')]/..//button")
    if not menus:
        raise LayoutChanged(f"it shows fewer than {PAGE_SIZE} rows and has no 'Rows per page'")
    click(driver, menus[0])
    click(driver, element(driver, f"[role='option'][data-value='{PAGE_SIZE}']"))


def settled(driver: WebDriver, before: State | None) -> State:
    """Wait until the page shows a whole table other than ``before`` and holds still, or is something else.

    Returns the last state when time runs out: whoever reads the page then says what is wrong with it.
    Raises Transient for a refusal, Unfit for a certificate that the browser does not trust.
    """
    began = time.monotonic()
    shown, since = state(driver), began
    while (waited := time.monotonic() - began) < _SETTLE_S:
        _refuse(shown)
        still = time.monotonic() - since
        if _is_done(shown, before, still, waited):
            return shown
        time.sleep(_POLL_S)
        now = state(driver)
        if not now.same_table(shown) or now.kind != shown.kind:
            since = time.monotonic()
        shown = now
    return shown


def _is_done(shown: State, before: State | None, still: float, waited: float) -> bool:
    if shown.kind == "consent":
        return before is None or before.kind != "consent"
    if shown.kind == "unknown":
        return still > _UNKNOWN_S
    answered = before is None or shown.answers > before.answers
    if not shown.whole:  # cut off on its way, or built otherwise
        return shown.kind == "screener" and answered and not shown.busy and still > _PARTIAL_S
    if shown.busy or still < _STILL_S:
        return False
    return before is None or answered or not shown.same_table(before) or waited > _UNANSWERED_S


def _refuse(shown: State) -> None:
    if shown.error.startswith("ERR_CERT"):
        raise Unfit(
            f"the browser does not trust the certificate that it was shown for {ADDRESS} ({shown.error}); "
            "set REQUESTS_CA_BUNDLE to a bundle that holds its issuer, or set SCREENER=api"
        )
    if shown.error:
        raise Transient(f"the browser could not open the screener page ({shown.error}); it is loaded again")
    status = max(shown.answer, shown.status)
    if status in _TOO_MANY:
        raise Transient(f"Yahoo limits our rate ({status} to the screener page); it is paused", source="yahoo")
    if status >= 400:  # noqa: PLR2004  where HTTP's errors begin
        raise Transient(f"Yahoo answered {status} to the screener page; it is loaded again")


def require_screener(shown: State) -> None:
    """Raises Transient for a page that was not filled, LayoutChanged for one that is no screener."""
    if shown.kind == "screener" and (shown.rows or shown.range is not None):
        return
    if shown.kind == "screener":
        raise Transient("the screener page came without rows and without their number; it is loaded again")
    if shown.kind == "consent":
        raise Transient("the consent page came again after it was accepted; the page is loaded again")
    if shown.kind == "loading" or shown.length < _SHORT_CHARS:
        raise Transient(f"Yahoo answered with {shown.length} characters and no screener; it is loaded again")
    raise LayoutChanged("it has neither the screener's table nor its filters")
