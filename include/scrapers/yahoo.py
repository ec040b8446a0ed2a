"""The one Yahoo session of a process: yfinance's own cookie, crumb and browser impersonation.

Everything that talks JSON to Yahoo goes through here. What comes back is an answer; all else is
raised as Transient, Permanent or Unfit, whatever yfinance would have made of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
import yfinance
from curl_cffi.requests.exceptions import RequestException
from yfinance.cache import _CookieCacheManager, _CookieDBManager, get_cookie_cache
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFRateLimitError

from include.errors import ConfigurationError, StocksError, Transient
from include.scrapers.yahoo_failures import StaleSession
from include.scrapers.yahoo_session import SOURCE, GuardedSession, ca_bundle, proxy

T = TypeVar("T")

_COOKIE = "curlCffi"  # yfinance's name for the cookie that it keeps on disk
_RATE_LIMIT_TEXT = b"Too Many Requests"


def _unlimited() -> None:
    """No quota."""


class Yahoo:
    """Asks Yahoo with one session for all threads of the process (yfinance keeps it in a singleton).

    ``folder`` keeps yfinance's cookie between processes and must be writable; ``before_request`` is
    called before every single request, to draw on the source's quota or to raise Transient.
    ``proxy_url`` and ``ca_file`` None leave it to the process's environment.
    """

    def __init__(
        self,
        folder: Path,
        *,
        before_request: Callable[[], None] = _unlimited,
        timeout_s: float = 20,
        proxy_url: str | None = None,
        ca_file: str | None = None,
    ) -> None:
        _keep_cookies_in(folder)
        # Errors are errors: by default yfinance makes an empty frame of a 429, a 500 or a failed TLS handshake.
        yfinance.config.debug.hide_exceptions = False
        yfinance.config.network.retries = 0  # retrying is the worker's, with backoff and within a budget
        self._session = GuardedSession(
            timeout_s=timeout_s, before_request=before_request, proxy=proxy_url, ca_bundle=ca_file
        )
        self._data = YfData(session=self._session)
        with self._data._cookie_lock:
            # The singleton may have served another session: nothing of that one is kept.
            self._data._cookie_strategy = "basic"
            self._data._cookie = self._data._crumb = None
        self._proven = True
        self._forget()

    @classmethod
    def from_env(
        cls, env: Mapping[str, str], folder: Path, *, before_request: Callable[[], None] = _unlimited
    ) -> Yahoo:
        """The session of this environment, with its proxy and its CA bundle by their usual variables."""
        return cls(folder, before_request=before_request, proxy_url=proxy(env), ca_file=ca_bundle(env))

    def ask(self, url: str, params: Mapping[str, object], about: str, read: Callable[[bytes], T]) -> T:
        """One request; ``read`` makes a value of the body. ``about`` names it in failures.

        Raises Transient for whatever may pass (rate limits, 5xx, a truncated or unreadable body, no
        answer), NotFound, RequestRefused, or what ``read`` raises.
        """

        def once() -> T:
            body: bytes = self._data.get(url, params=dict(params)).content
            try:
                return read(body)
            except msgspec.DecodeError:
                if _RATE_LIMIT_TEXT in body[:200]:
                    raise YFRateLimitError from None
                raise

        return self._with_session(about, once)

    def call(self, about: str, function: Callable[[], T]) -> T:
        """Run ``function``, which may use any public call of yfinance; failures as in ``ask``."""

        def once() -> T:
            try:
                return function()
            except (KeyError, IndexError, TypeError) as error:
                # How yfinance meets a refusal that comes as a 200: the keys it reaches for are not there.
                raise Transient(f"Yahoo answered 200 for {about}, but refused ({error!r}); asked again") from error

        return self._with_session(about, once)

    def _with_session(self, about: str, function: Callable[[], T]) -> T:
        """A refused session is opened anew once, and the same asked again."""
        try:
            return self._translated(about, function)
        except StaleSession:
            return self._translated(about, function)

    def _translated(self, about: str, function: Callable[[], T]) -> T:
        self._session.begin()
        crumb = None
        try:
            crumb = self._opened()
            value = function()
        except StaleSession:
            self._renew(crumb)
            raise
        except StocksError:
            raise
        except YFRateLimitError as error:
            raise Transient(f"Yahoo limits our rate (asked for {about}); it is paused", source=SOURCE) from error
        except (msgspec.DecodeError, json.JSONDecodeError) as error:
            raise Transient(
                f"Yahoo's answer for {about} cannot be read, cut off or a refusal ({error}); it is asked again later"
            ) from error
        except (YFException, RequestException) as error:
            raise Transient(f"Yahoo gave no answer for {about} ({error}); it is asked again later") from error
        finally:
            self._forget()
            _close_cookie_file()
        self._proven = True
        return value

    def _opened(self) -> str | None:
        """The crumb, after cookie and crumb were fetched if need be: one thread does, the others wait."""
        crumb: str | None
        crumb, _ = self._data._get_cookie_and_crumb()
        if self._data._cookie is None:
            # yfinance remembers a new cookie through its file only, and fetches another before every
            # request where that cannot be written.
            with self._data._cookie_lock:
                if crumb is not None and crumb == self._data._crumb:  # no other thread threw it away meanwhile
                    self._data._cookie = True
        return crumb

    def _renew(self, refused: str | None) -> None:
        """Throw cookie and crumb away, unless another thread has already done so."""
        with self._data._cookie_lock:
            if refused is not None and self._data._crumb != refused:
                return
            self._data._cookie = self._data._crumb = None
            self._session.cookies.clear()
            get_cookie_cache().store(_COOKIE, None)
            if not self._proven:  # a fresh session was refused too: the other way to a cookie may serve
                other = "csrf" if self._data._cookie_strategy == "basic" else "basic"
                self._data._set_cookie_strategy(other, have_lock=True)
            self._proven = False

    def _forget(self) -> None:
        """Drop what yfinance remembers of answers: a 5xx, chunked requests, the bodies themselves."""
        self._data.fundamentals_use_chunked = False
        self._data.cache_get.cache_clear()


def _close_cookie_file() -> None:
    # yfinance opens it anew in every thread that looks for a cookie, and closes it in none.
    if _CookieDBManager._db is not None:
        _CookieDBManager._db.close()


def _keep_cookies_in(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
    except OSError as error:
        raise ConfigurationError(
            f"STOCKS_HOME: {folder} cannot be written ({error.strerror}); Yahoo's cookie is kept there"
        ) from error
    yfinance.set_tz_cache_location(str(folder))
    _CookieCacheManager._Cookie_cache = None  # it would go on with the file of an earlier session
