"""The browser trusts whom the CA bundle of the environment vouches for, and nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import certifi
import pytest

from include.errors import Unfit
from include.market.server import Market, MarketSettings
from include.scrapers.browser import Browser
from include.scrapers.browser_trust import fingerprints
from include.scrapers.walk import open_screener

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
needs_chromium = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")), reason="needs Chromium"
)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A proxy that ends TLS for Yahoo's hosts with a CA of its own."""
    home = tmp_path_factory.mktemp("proxy")
    with Market(MarketSettings(home=home, stocks_per_region=30, as_of=date(2026, 11, 20))) as found:
        yield found


@pytest.fixture
def environment(market: Market) -> dict[str, str]:
    """What a person sets to go through such a proxy: its address and a bundle that holds its CA."""
    return {name: value for name, value in market.environment.items() if name != "STOCKS_BROWSER_SPKI"}


def test_keys_that_the_bundle_vouches_for_are_trusted(market: Market, environment: dict[str, str]) -> None:
    assert fingerprints(environment) == (market.certificates.spki,)


def test_a_proxy_that_the_bundle_does_not_vouch_for_is_not_trusted(environment: dict[str, str]) -> None:
    assert fingerprints(environment | dict.fromkeys(BUNDLES, certifi.where())) == ()


def test_without_a_bundle_nobody_is_asked() -> None:
    assert fingerprints({"HTTPS_PROXY": "http://127.0.0.1:1"}) == ()


def test_hosts_that_do_not_answer_are_left_to_the_browser() -> None:
    assert fingerprints({"HTTPS_PROXY": "http://127.0.0.1:1", "SSL_CERT_FILE": certifi.where()}) == ()


def test_a_key_that_is_named_needs_nobodys_word() -> None:
    assert fingerprints({"STOCKS_BROWSER_SPKI": "abc=", "SSL_CERT_FILE": "/no/such/bundle.pem"}) == ("abc=",)


def test_a_bundle_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Unfit, match=r"/no/such/bundle\.pem"):
        fingerprints({"SSL_CERT_FILE": "/no/such/bundle.pem"})


@pytest.mark.stack
@needs_chromium
def test_the_screener_is_read_through_a_proxy_of_somebodys_own(environment: dict[str, str], tmp_path: Path) -> None:
    browser = Browser(environment, tmp_path)
    try:
        with browser.driver() as driver:
            assert open_screener(driver, "us", 0, lambda: None).range == (1, 30, 30)
    finally:
        browser.close()


@pytest.mark.stack
@needs_chromium
def test_a_certificate_that_the_browser_does_not_trust_makes_the_worker_unfit(
    environment: dict[str, str], tmp_path: Path
) -> None:
    untrusting = {name: value for name, value in environment.items() if name not in BUNDLES}
    browser = Browser(untrusting, tmp_path)
    try:
        with pytest.raises(Unfit, match="ERR_CERT_AUTHORITY_INVALID"), browser.driver() as driver:
            open_screener(driver, "us", 0, lambda: None)
    finally:
        browser.close()
