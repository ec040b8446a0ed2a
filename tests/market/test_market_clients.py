"""The unmodified clients against the local market, reached by environment variables alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from include.market.server import Market
from tests.market.conftest import PAGE

_TABLE = "[data-testid=screener-table]"
_ROWS = "tr[data-testid=data-table-v2-row]"

# In a process of its own: yfinance keeps one session and its caches per process.
_YFINANCE = """
import json, sys, warnings
warnings.simplefilter("ignore")
import yfinance as yf
yf.set_tz_cache_location(sys.argv[1])
yf.config.debug.hide_exceptions = False
query = yf.EquityQuery("and", [yf.EquityQuery("is-in", ["region", "gb", "jp"]),
                               yf.EquityQuery("gte", ["intradaymarketcap", 1e8])])
pages = [yf.screen(query, size=30, offset=start, sortField="intradaymarketcap") for start in (0, 30)]
symbol = pages[0]["quotes"][0]["symbol"]
ticker = yf.Ticker(symbol)
statements = [ticker.income_stmt, ticker.balance_sheet, ticker.cashflow, ticker.quarterly_income_stmt]
history = ticker.history(period="1mo")
info = ticker.info
print(json.dumps({
    "total": pages[0]["total"],
    "distinct": len({q["symbol"] for page in pages for q in page["quotes"]}),
    "shown": sum(len(page["quotes"]) for page in pages),
    "statements": [list(frame.shape) for frame in statements],
    "revenue": float(ticker.income_stmt.loc["Total Revenue"].iloc[0]),
    "sessions": len(history), "close": float(history["Close"].iloc[-1]),
    "price": info["currentPrice"], "sector": info["sector"],
    "unknown": list(yf.Ticker("NOPE").income_stmt.shape),
    "actives": yf.screen("most_actives")["total"],
    "shares": float(ticker.fast_info["shares"]),
}))
"""


@pytest.mark.parametrize("without_curl", [False, True], ids=["curl_cffi", "requests"])
def test_yfinance_works_unmodified(running, tmp_path: Path, without_curl: bool) -> None:
    market = running()
    env = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()} | market.environment
    env |= {"YF_DISABLE_CURL_CFFI": "1"} if without_curl else {}
    command = [sys.executable, "-c", _YFINANCE, str(tmp_path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["distinct"] == found["shown"] == min(found["total"], 60)
    assert all(rows > 10 and columns >= 2 for rows, columns in found["statements"][:3])
    assert found["sessions"] == 21
    assert found["close"] == pytest.approx(found["price"])
    assert found["sector"]
    assert found["revenue"] > 0
    assert found["unknown"] == [0, 0]
    assert found["actives"] > 0
    kinds = market.stats()["vendors"]["yahoo"]["kinds"]
    assert {kind["requests"] for name, kind in kinds.items() if name in ("cookie", "crumb")} == {1}
    assert all(kind["statuses"].keys() <= {"200", "404"} for kind in kinds.values())


@pytest.fixture
def browser(running, tmp_path: Path):
    """A real Chromium whose only way out is a market: the browser, and that market."""
    market = running(stocks_per_region=130)
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        f"--proxy-server={market.url}",
        f"--ignore-certificate-errors-spki-list={market.certificates.spki}",
        f"--user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(argument)
    # A short path of its own for what Chromium leaves behind when it is killed: sockets are in it.
    with tempfile.TemporaryDirectory(prefix="stocks-browser-") as aside:
        driver = webdriver.Chrome(options=options, service=Service(env=os.environ | {"TMPDIR": aside}))
        try:
            yield driver, market
        finally:
            driver.quit()


def _click(driver: WebDriver, selector: str) -> None:
    driver.find_element(By.CSS_SELECTOR, selector).click()


def _settled(driver: WebDriver) -> str:
    """The text of the total, once no rows are being fetched."""
    table = (By.CSS_SELECTOR, _TABLE)
    WebDriverWait(driver, 60).until(lambda d: d.find_element(*table).get_attribute("aria-busy") == "false")
    return driver.find_element(By.CSS_SELECTOR, ".paginationContainer .total").text


def _symbols(driver: WebDriver) -> list[str]:
    return [e.text for e in driver.find_elements(By.CSS_SELECTOR, f"{_ROWS} [data-testid-cell=ticker] .symbol")]


@pytest.mark.stack
def test_a_real_browser_consents_filters_and_turns_pages(browser: tuple[WebDriver, Market]) -> None:
    driver, market = browser
    driver.get(PAGE)
    assert driver.current_url.startswith("https://consent.yahoo.com/v2/collectConsent")
    _click(driver, "button.accept-all[name=agree]")
    WebDriverWait(driver, 60).until(lambda d: d.find_elements(By.CSS_SELECTOR, _ROWS))
    assert _settled(driver) == "1-100 of 130"

    _click(driver, "button.menuBtn[data-ylk*='slk:Region']")
    _click(driver, "label[title='United States']")
    _click(driver, "label[title='United Kingdom']")
    _click(driver, "#menu-region [data-testid=filter-apply]")
    assert _settled(driver) == "1-100 of 130"
    first = _symbols(driver)
    assert len(first) == 100
    assert all(symbol.endswith((".L", ".IL")) for symbol in first)

    _click(driver, "[data-testid=next-page-button]")
    assert _settled(driver) == "101-130 of 130"
    assert not set(first) & set(_symbols(driver))
    assert not driver.find_element(By.CSS_SELECTOR, "[data-testid=next-page-button]").is_enabled()

    _click(driver, "button.menuBtn[data-ylk*='slk:Market%20Cap%20(Intraday)']")
    _click(driver, "#custom")
    _click(driver, "button[data-ylk*='slk:Between']")
    for field, text in zip(
        driver.find_elements(By.CSS_SELECTOR, "div.left-content input"), ("300M", "2B"), strict=True
    ):
        field.send_keys(text)
    _click(driver, "#menu-intradaymarketcap [data-testid=filter-apply]")
    total = int(_settled(driver).rsplit(" ", 1)[1])
    caps = [e.text for e in driver.find_elements(By.CSS_SELECTOR, f"{_ROWS} [data-testid-cell=intradaymarketcap]")]
    assert len(caps) == total > 5
    assert all(0.3e9 <= float(cap[:-1]) * {"M": 1e6, "B": 1e9}[cap[-1]] <= 2e9 for cap in caps)

    driver.back()
    assert _settled(driver).startswith("101-") or total <= 100
    kinds = market.stats()["vendors"]["yahoo"]["kinds"]
    assert kinds["page"]["statuses"].keys() <= {"200", "307"}


@pytest.mark.stack
def test_the_price_is_in_a_span_or_in_a_streamer_and_the_text_is_the_same_kind(browser) -> None:
    driver, _ = browser
    driver.get(PAGE)
    _click(driver, "button.reject-all[name=reject]")
    WebDriverWait(driver, 60).until(lambda d: d.find_elements(By.CSS_SELECTOR, _ROWS))
    cells = driver.find_elements(By.CSS_SELECTOR, f"{_ROWS} [data-testid-cell=intradayprice]")
    tags = {cell.find_element(By.CSS_SELECTOR, "*").tag_name for cell in cells[:4]}
    assert tags == {"span", "fin-streamer"}
    assert all(float(cell.text.replace(",", "")) > 0 for cell in cells[:4])
