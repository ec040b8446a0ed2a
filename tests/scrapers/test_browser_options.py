"""Where the browser goes is said by the environment alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import ConfigurationError
from include.scrapers.browser_options import arguments, browser_environment

PROFILE = Path("/profile")


def test_the_usual_proxy_variables_are_honoured() -> None:
    chosen = arguments(
        {"HTTPS_PROXY": "http://127.0.0.1:8888", "NO_PROXY": "127.0.0.1,localhost"}, PROFILE, (), as_root=False
    )
    assert "--proxy-server=http://127.0.0.1:8888" in chosen
    assert "--proxy-bypass-list=127.0.0.1;localhost" in chosen
    assert "--proxy-server=socks5://proxy:1080" in arguments(
        {"all_proxy": "socks5://proxy:1080"}, PROFILE, (), as_root=False
    )


def test_without_a_proxy_none_is_looked_for() -> None:
    assert "--no-proxy-server" in arguments({}, PROFILE, (), as_root=False)


def test_a_proxy_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught:
        arguments({"HTTPS_PROXY": "http://me:hunter2@proxy:3128"}, PROFILE, (), as_root=False)
    assert "hunter2" not in str(caught.value)


def test_certificates_are_accepted_only_where_they_are_named() -> None:
    named = arguments({}, PROFILE, ("abc=", "def="), as_root=False)
    assert "--ignore-certificate-errors-spki-list=abc=,def=" in named
    assert not [argument for argument in arguments({}, PROFILE, (), as_root=False) if "certificate-errors" in argument]


def test_only_root_gives_up_the_sandbox_and_it_says_so(caplog: pytest.LogCaptureFixture) -> None:
    assert "--no-sandbox" not in arguments({}, PROFILE, (), as_root=False)
    assert not caplog.records
    assert "--no-sandbox" in arguments({}, PROFILE, (), as_root=True)
    assert "without its sandbox" in caplog.text


def test_the_browser_sees_no_secret_and_finds_its_way() -> None:
    plain = {"PATH": "/bin", "HOME": "/home/ada", "LC_ALL": "C", "TMPDIR": "/tmp/x", "STOCKS_STACK": "mark"}
    secret = dict.fromkeys(("DB_PASSWORD", "KAFKA_SASL_PASSWORD", "GITHUB_TOKEN", "HTTPS_PROXY"), "canary")
    assert browser_environment(plain | secret) == plain
