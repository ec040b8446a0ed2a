"""The one way in which a polled vendor is asked.

The key exists only here, and joins the request below the level at which httpx logs requests and
hangs them on its exceptions: what httpx, a log or a traceback can show never had it. Vendors repeat
keys in their answers, so their words are masked before anything else sees them.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import msgspec
from pydantic import SecretStr

from include.errors import ConfigurationError, Permanent, StocksError, Transient
from include.feeds.base import Body, Request
from include.feeds.masking import masking
from include.feeds.refusals import failure, spoken

# It logs the headers of answers, and the Location of a redirect may repeat an address with its key.
logging.getLogger("httpcore").setLevel(logging.WARNING)

_LARGEST_ANSWER = 8 * 2**20
_KEY = re.compile(r"[\x21-\x7e]+")


class Key(msgspec.Struct, frozen=True):
    """A secret, where the vendor wants it, and the variable that holds it (for people)."""

    variable: str
    secret: SecretStr
    place: Literal["header", "query"]
    name: str
    prefix: str = ""

    def __post_init__(self) -> None:
        # A line break in a header's value would be repeated by the client's error message.
        if not _KEY.fullmatch(self.secret.get_secret_value()):
            raise ConfigurationError(f"{self.variable} is malformed: it expects a key without spaces or line breaks")


def bearer(variable: str, secret: SecretStr) -> Key:
    """A key that goes into the Authorization header."""
    return Key(variable, secret, "header", "Authorization", "Bearer ")


class Sender:
    """Asks one vendor. ``timeout_s`` bounds a whole request; thread-safe.

    ``transport`` is httpx's own seam: what carries the request once the key is in it.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        keys: Sequence[Key],
        *,
        timeout_s: float = 15,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._vendor = vendor
        self._keys = tuple(keys)
        self._timeout_s = timeout_s
        self.mask = masking([key.secret for key in keys])
        self._client = httpx.Client(
            base_url=base_url,
            transport=_Keyed(self._keys, transport or _transport(base_url)),
            timeout=timeout_s,
            headers={"User-Agent": "stocks", "Accept": "application/json"},
        )

    def send(self, request: Request) -> Body:
        """The body of a 200. Raises Transient, Permanent, or ConfigurationError when the key is refused."""
        try:
            status, headers, content = self._exchange(request)
        except httpx.TimeoutException as error:
            raise Transient(f"{self._vendor} did not answer within {self._timeout_s:g} s ({_kind(error)})") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise ConfigurationError(f"{self._vendor}'s address is wrong: {self.mask(str(error))}") from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Transient(f"{self._vendor} could not be asked ({_kind(error)}): {self.mask(str(error))}") from None
        if status == httpx.codes.OK:
            return Body(self.mask_bytes(content), datetime.now(UTC))
        raise self._failure(status, headers, content)

    def mask_bytes(self, content: bytes) -> bytes:
        """``content`` without the keys, so that no later message can show them."""
        return self.mask(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _exchange(self, request: Request) -> tuple[int, httpx.Headers, bytes]:
        deadline = time.monotonic() + self._timeout_s
        content = bytearray()
        with self._client.stream("GET", request.path, params=dict(request.params)) as response:
            # Timeouts of httpx are per read: a vendor that drips would hold us for ever.
            for part in response.iter_bytes():
                content += part
                if len(content) > _LARGEST_ANSWER:
                    raise Permanent(f"{self._vendor}'s answer is larger than {_LARGEST_ANSWER} bytes")
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer drips", request=response.request)
            return response.status_code, response.headers, bytes(content)

    def _failure(self, status: int, headers: httpx.Headers, content: bytes) -> StocksError:
        variables = " and ".join(key.variable for key in self._keys)
        # Masked before it is cut, or a part of a key would be left; and after, when all spellings are undone.
        return failure(self._vendor, status, headers, self.mask(spoken(self.mask_bytes(content))), variables)


class _Keyed(httpx.BaseTransport):
    """Adds the keys to a copy of the request: the caller's own never has them."""

    def __init__(self, keys: Sequence[Key], inner: httpx.BaseTransport) -> None:
        self._keys = keys
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url, headers = request.url, request.headers.copy()
        for key in self._keys:
            value = key.prefix + key.secret.get_secret_value()
            if key.place == "query":
                url = url.copy_merge_params({key.name: value})
            else:
                headers[key.name] = value
        keyed = httpx.Request(request.method, url, headers=headers, extensions=request.extensions)
        return self._inner.handle_request(keyed)

    def close(self) -> None:
        self._inner.close()


def _transport(base_url: str) -> httpx.HTTPTransport:
    # A client with a transport of its own does not look for proxies: the usual variables are read here.
    try:
        parts = urlsplit(base_url)
    except ValueError as error:
        raise ConfigurationError(f"the vendor's address {base_url!r} is wrong: {error}") from None
    bypassed = parts.hostname is None or bool(proxy_bypass(parts.hostname))
    proxy = None if bypassed else getproxies().get(parts.scheme)
    return httpx.HTTPTransport(proxy=proxy)


def _kind(error: Exception) -> str:
    return type(error).__name__
