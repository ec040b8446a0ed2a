"""HTTP/1.1 as the local market speaks it: requests read, replies written in one piece."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, unquote

import msgspec

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 1024 * 1024

JSON = "application/json;charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain;charset=utf-8"

_OF_ADDRESSES = "%:/?#[]@!$&'()*+,;="
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class Malformed(Exception):
    """A request that is no HTTP; ``status`` is the answer it gets."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Request(msgspec.Struct, frozen=True, dict=True):
    """One request. Header names are in lower case; ``host`` is without its port."""

    method: str
    host: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @cached_property
    def path(self) -> str:
        """The decoded path."""
        return unquote(self.target.partition("?")[0])

    @cached_property
    def query(self) -> dict[str, str]:
        """The decoded query; of a name given twice the last value counts."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """The decoded body of a posted form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies that were sent."""
        pairs = (pair.strip().partition("=") for pair in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection outlives the answer."""
        return self.headers.get("connection", "").lower() != "close"


class Reply(msgspec.Struct, frozen=True):
    """One answer; ``headers`` are sent beside the length and type of the body."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    def render(self, *, keeps_alive: bool = True, with_body: bool = True) -> bytes:
        """Head and body as one piece: two writes would cost a round trip of delayed acknowledgement."""
        lines = [
            f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Unknown')}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        if not keeps_alive:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        return head + self.body if with_body else head


def redirect(location: str, *, status: int = 302, cookies: tuple[str, ...] = ()) -> Reply:
    """A redirection that sets ``cookies``; what is no part of an address, such as the end of a line, is encoded."""
    headers = (("Location", quote(location, safe=_OF_ADDRESSES)), *(("Set-Cookie", cookie) for cookie in cookies))
    return Reply(status, content_type=HTML, headers=headers)


def json_reply(value: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """``value`` as JSON."""
    return Reply(status, msgspec.json.encode(value), headers=headers)


def take_request(buffer: bytearray, tunnel_host: str | None) -> Request | None:
    """Remove one whole request from ``buffer``; None while it is incomplete. Raises Malformed.

    ``tunnel_host`` is the host of the CONNECT that the bytes came through, None outside a tunnel.
    """
    end = buffer.find(b"\r\n\r\n")
    if end < 0 and len(buffer) <= MAX_HEAD_BYTES:
        return None
    if end < 0 or end > MAX_HEAD_BYTES:
        raise Malformed(431, "the request's head is too large")
    method, target, headers = _head(bytes(buffer[:end]))
    length = _body_length(headers)
    if len(buffer) < end + 4 + length:
        return None
    body = bytes(buffer[end + 4 : end + 4 + length])
    del buffer[: end + 4 + length]
    host, target = _split_target(method, target, headers)
    return Request(method, tunnel_host or host, target, headers, body)


def _head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.partition(" ")
    if not version.startswith("HTTP/1."):
        raise Malformed(400, "the request line is not HTTP/1")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return method, target, headers


def _body_length(headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise Malformed(411, "send the body with a Content-Length")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise Malformed(400, "Content-Length is not a number")
    if int(length) > MAX_BODY_BYTES:
        raise Malformed(413, "the request's body is too large")
    return int(length)


def _split_target(method: str, target: str, headers: dict[str, str]) -> tuple[str, str]:
    """Host and origin form of a target that may be in absolute form (a proxy's plain HTTP)."""
    if method == "CONNECT":
        return target.rpartition(":")[0].strip("[]").lower(), target
    if target.startswith(("http://", "https://")):
        authority, slash, rest = target.partition("://")[2].partition("/")
        return authority.partition(":")[0].lower(), (slash + rest) or "/"
    return headers.get("host", "").partition(":")[0].lower(), target
