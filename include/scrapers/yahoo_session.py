"""yfinance's HTTP session with a guard at its door: an answer that is no answer never gets past it.

yfinance takes every answer of 400 or more as a reason to try its other cookie strategy (three to six
requests for one), keeps a refusal as its crumb, caches a 5xx, and turns what is left into an empty
frame. Raised here instead, a failure is named by what happens next before yfinance has seen it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import CertificateVerifyError, RequestException

from include.errors import StocksError, Transient, Unfit
from include.scrapers.yahoo_failures import NotFound, RequestRefused, StaleSession

SOURCE = "yahoo"
COOKIE_HOST = "fc.yahoo.com"  # answers 404 on purpose: its Set-Cookie is all that is wanted
CRUMB_PATH = "/v1/test/getcrumb"

_CRUMB = re.compile(r"[^\s<>{}]{1,64}")
_RATE_LIMITED = (HTTPStatus.TOO_MANY_REQUESTS, 999)  # 999 is Yahoo's own
_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY)
_UNREADABLE_CA_FILE = 77  # curl's number


class GuardedSession(Session[Response]):
    """A browser-impersonating session that raises what its requests failed with.

    ``before_request`` runs before every request, the hidden ones for cookie and crumb included.
    The first failure of a conversation (see ``begin``) ends it: yfinance's own second tries are
    answered with the same failure, without a request. One session serves all threads.
    """

    def __init__(
        self, *, timeout_s: float, before_request: Callable[[], None], proxy: str | None, ca_bundle: str | None
    ) -> None:
        super().__init__(impersonate="chrome", proxy=proxy)
        if ca_bundle is not None:
            self.verify = ca_bundle  # type: ignore[assignment]  # curl_cffi itself puts a path here
        self._timeout_s = timeout_s
        self._before_request = before_request
        self._conversation = threading.local()

    def begin(self) -> None:
        """Start a conversation of this thread: its earlier failures are forgotten."""
        self._conversation.failure = None

    def request(self, method: Any, url: str, **options: Any) -> Any:  # type: ignore[override]
        """Ask once. Raises Transient, Permanent or Unfit; what returns is an answer."""
        ended: StocksError | None = getattr(self._conversation, "failure", None)
        if ended is not None:
            raise ended
        self._before_request()
        try:
            response = super().request(method, url, **options | {"timeout": self._timeout_s})
        except RequestException as error:
            if urlsplit(url).hostname == COOKIE_HOST and not isinstance(error, CertificateVerifyError):
                raise  # yfinance knows another way to a cookie
            self._fail(unreachable(url, error))
        failure = refusal(url, response)
        if failure is not None:
            self._fail(failure)
        return response

    def _fail(self, failure: StocksError) -> None:
        self._conversation.failure = failure
        raise failure


def unreachable(url: str, error: RequestException) -> StocksError:
    """The failure of a request that got no answer at all."""
    reason = str(error).split(". See http")[0].removeprefix("Failed to perform, ")
    if isinstance(error, CertificateVerifyError) or error.code == _UNREADABLE_CA_FILE:
        return Unfit(
            f"{_named(url)} was reached, but its certificate is not trusted ({reason}); "
            "set REQUESTS_CA_BUNDLE to a readable bundle that holds the issuer"
        )
    return Transient(f"{_named(url)} gave no answer ({type(error).__name__}: {reason}); it is asked again later")


def refusal(url: str, response: Response) -> StocksError | None:
    """The failure that an answer's status stands for, None for an answer."""
    status, named = response.status_code, _named(url)
    retry_after_s = seconds_from(response.headers.get("Retry-After"))
    if status in _RATE_LIMITED:
        return Transient(
            f"Yahoo limits our rate ({status} to {named}); it is paused", retry_after_s=retry_after_s, source=SOURCE
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return Transient(f"Yahoo answered {status} to {named}; it is asked again later", retry_after_s=retry_after_s)
    if urlsplit(url).path == CRUMB_PATH:
        return _crumb_refusal(response)
    if status < HTTPStatus.BAD_REQUEST or urlsplit(url).hostname == COOKIE_HOST:
        return None
    said = _excerpt(response)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return StaleSession(f"Yahoo refused our session ({status} to {named}: {said}); a new one is opened")
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(f"Yahoo has nothing at {named} (404: {said}); check the symbol")
    return RequestRefused(f"Yahoo refused the request to {named} ({status}: {said})", status)


def seconds_from(retry_after: str | None, now: datetime | None = None) -> float | None:
    """A ``Retry-After`` in seconds from ``now``; it may be a number or an HTTP date, None if neither."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


def ca_bundle(env: Mapping[str, str]) -> str | None:
    """The CA bundle that the usual variables name, in the order in which curl_cffi honours them."""
    named = (env.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"))
    return next((path for path in named if path), None)


def proxy(env: Mapping[str, str]) -> str | None:
    """The proxy that the usual variables name for https."""
    named = (env.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"))
    return next((address for address in named if address), None)


def _crumb_refusal(response: Response) -> StocksError | None:
    if response.status_code == HTTPStatus.OK and _CRUMB.fullmatch(response.text):
        return None
    if response.status_code == HTTPStatus.NOT_FOUND and "<" not in response.text:
        return None  # a mirror that hands out no crumbs wants none; a source that does refuses what came in its place
    return StaleSession(f"Yahoo gave no crumb ({response.status_code}: {_excerpt(response)}); a new session is opened")


def _named(url: str) -> str:
    # Without its query: the crumb is there, and 180 statement lines.
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _excerpt(response: Response) -> str:
    return " ".join(response.text[:160].split()) or "an empty body"
