"""What a status stands for, case by case; the statuses are RFC 9110's and Yahoo's own 999."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from curl_cffi.requests import Response
from curl_cffi.requests.exceptions import CertificateVerifyError, ProxyError, Timeout
from curl_cffi.requests.headers import Headers

from include.errors import Permanent, StocksError, Transient, Unfit
from include.scrapers.yahoo_failures import NotFound, RequestRefused, StaleSession
from include.scrapers.yahoo_session import ca_bundle, proxy, refusal, seconds_from, unreachable

DATA = "https://query1.finance.yahoo.com/v7/finance/quote?symbols=AAPL&crumb=s3cret"
CRUMB = "https://query1.finance.yahoo.com/v1/test/getcrumb"
COOKIE = "https://fc.yahoo.com"


def _answer(status: int, text: str = "{}", **headers: str) -> Response:
    response = Response()
    response.status_code = status
    response.content = text.encode()
    response.headers = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return response


@pytest.mark.parametrize(
    ("url", "status", "failure"),
    [
        (DATA, 200, None),
        (COOKIE, 404, None),
        (COOKIE, 429, Transient),
        (DATA, 401, StaleSession),
        (DATA, 403, StaleSession),
        (DATA, 404, NotFound),
        (DATA, 400, RequestRefused),
        (DATA, 414, RequestRefused),
        (DATA, 408, Transient),
        (DATA, 429, Transient),
        (DATA, 999, Transient),
        (DATA, 500, Transient),
        (DATA, 503, Transient),
    ],
)
def test_a_status_is_named_by_what_happens_next(url: str, status: int, failure: type[StocksError] | None) -> None:
    found = refusal(url, _answer(status))
    assert type(found) is (failure or type(None))
    assert isinstance(found, Permanent) == (failure in (NotFound, RequestRefused))


def test_no_failure_tells_the_crumb() -> None:
    for status in (400, 401, 404, 429, 500):
        assert "s3cret" not in str(refusal(DATA, _answer(status)))
    assert "s3cret" not in str(unreachable(DATA, Timeout("Failed to perform, curl: (28) timed out")))


def test_a_rate_limit_pauses_the_source_for_as_long_as_it_asks() -> None:
    limited = refusal(DATA, _answer(429, "Too Many Requests", Retry_After="30"))
    assert isinstance(limited, Transient)
    assert (limited.source, limited.retry_after_s) == ("yahoo", 30.0)


def test_an_outage_pauses_the_task_only() -> None:
    outage = refusal(DATA, _answer(503, "", Retry_After="7"))
    assert isinstance(outage, Transient)
    assert (outage.source, outage.retry_after_s) == (None, 7.0)


@pytest.mark.parametrize(
    ("status", "text", "failure"),
    [
        (200, "Ab3.x/9Zq1e", None),
        (200, "", StaleSession),
        (200, "<html><body>consent</body></html>", StaleSession),
        (200, "Edge: Too Many Requests", StaleSession),
        (401, '{"finance":{"result":null,"error":{"code":"Unauthorized"}}}', StaleSession),
        (404, "<html><body>Not Found</body></html>", StaleSession),
        (404, "Not Found", None),
        (429, "Edge: Too Many Requests", Transient),
    ],
)
def test_a_refusal_is_never_taken_for_a_crumb(status: int, text: str, failure: type[StocksError] | None) -> None:
    assert type(refusal(CRUMB, _answer(status, text))) is (failure or type(None))


def test_retry_after_may_be_a_date() -> None:
    now = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
    assert seconds_from("Sat, 21 Nov 2026 08:00:45 GMT", now) == 45
    assert seconds_from("Sat, 21 Nov 2026 07:00:00 GMT", now) == 0
    assert seconds_from("soon", now) is None
    assert seconds_from(None, now) is None


def test_an_untrusted_certificate_makes_the_worker_unfit() -> None:
    assert isinstance(unreachable(DATA, CertificateVerifyError("curl: (60) self-signed", 60)), Unfit)
    assert isinstance(unreachable(DATA, ProxyError("curl: (97) proxy", 97)), Transient)


def test_the_usual_variables_are_honoured() -> None:
    assert ca_bundle({"SSL_CERT_FILE": "/c", "CURL_CA_BUNDLE": "/b", "REQUESTS_CA_BUNDLE": "/a"}) == "/a"
    assert ca_bundle({"SSL_CERT_FILE": "/c", "REQUESTS_CA_BUNDLE": ""}) == "/c"
    assert ca_bundle({}) is None
    assert proxy({"https_proxy": "http://proxy:3128"}) == "http://proxy:3128"
    assert proxy({}) is None
