"""The one way in which a vendor is asked: its failures, and a key that is found nowhere afterwards."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable, Iterator

import httpx
import pytest
from pydantic import SecretStr

from include.errors import ConfigurationError, Permanent, Transient
from include.feeds.alpha_vantage import AlphaVantage
from include.feeds.base import PriceQuery, Request
from include.feeds.http import Key, Sender, bearer
from include.feeds.masking import masking

CANARY = "CANARY+k3y/4711"
ASK = Request("/query", {"symbol": "IBM"})
PLACES = {
    "query": Key("VENDOR_KEY", SecretStr(CANARY), "query", "apikey"),
    "header": bearer("VENDOR_KEY", SecretStr(CANARY)),
}
every_place = pytest.mark.parametrize("key", PLACES.values(), ids=PLACES)

Answer = Callable[[httpx.Request], httpx.Response]


def sender(answer: Answer, key: Key = PLACES["query"], timeout_s: float = 5) -> Sender:
    return Sender("vendor", "https://vendor.example", [key], timeout_s=timeout_s, transport=httpx.MockTransport(answer))


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """What every logger of the process says, down to DEBUG."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


@every_place
def test_the_vendor_gets_the_key(key: Key) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ok": True})

    assert sender(answer, key).send(ASK).content == b'{"ok":true}'
    (request,) = seen
    assert request.url.params["symbol"] == "IBM"
    given = request.url.params.get("apikey") or request.headers["Authorization"].removeprefix("Bearer ")
    assert given == CANARY


def _redirecting(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(302, headers={"Location": f"https://elsewhere.example/?apikey={CANARY}"})


def _failing(kind: type[httpx.TransportError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise kind(f"no route to {request.url}", request=request)

    return answer


HOSTILE: dict[str, Answer] = {
    "repeats the key": lambda _r: httpx.Response(200, json={"Information": f"your API key as {CANARY} and"}),
    "repeats it in an error": lambda r: httpx.Response(400, json={"message": f"bad request {r.url}"}),
    "refuses it": lambda r: httpx.Response(401, json={"error": f"unknown key {CANARY.lower()}"}),
    "breaks": lambda r: httpx.Response(500, text=f"Traceback: {r.url}"),
    "redirects": _redirecting,
    "times out": _failing(httpx.ReadTimeout),
    "cannot be reached": _failing(httpx.ConnectError),
    "cuts off": _failing(httpx.RemoteProtocolError),
}


@every_place
@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
def test_the_key_is_found_nowhere(key: Key, answer: Answer, everything_logged: io.StringIO) -> None:
    vendor = sender(answer, key)
    try:
        AlphaVantage().read(PriceQuery(("IBM",)), vendor.send(ASK))
    except (Transient, Permanent, ConfigurationError) as failure:
        logging.getLogger("test").exception("the feed failed")
        shown = "".join(traceback.format_exception(failure, chain=True)) + repr(failure) + repr(vendor) + repr(key)
    else:
        raise AssertionError("this answer holds no price")
    for spelling in (CANARY, CANARY.lower(), "CANARY%2Bk3y%2F4711", "4711"):
        assert spelling not in shown
        assert spelling not in everything_logged.getvalue()


@pytest.mark.parametrize("secret", ["two words", "line\nbreak", "trailing\r\n", "", "schlüssel"])
def test_a_key_that_a_client_would_repeat_in_its_error_is_refused_at_once(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="VENDOR_KEY") as refusal:
        bearer("VENDOR_KEY", SecretStr(secret))
    assert not secret or secret not in str(refusal.value)


def test_a_short_key_does_not_blacken_what_merely_contains_it() -> None:
    mask = masking([SecretStr("demo")])
    assert mask("your key demo, a democratic stock") == "your key ***, a democratic stock"


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "source", "retry_after_s"),
    [
        (429, {}, b"Edge: Too Many Requests", Transient, "vendor", None),
        (429, {"Retry-After": "7"}, b"{}", Transient, "vendor", 7.0),
        (429, {"Retry-After": "99999999"}, b"{}", Transient, "vendor", 86400.0),
        (429, {"Retry-After": "soon"}, b"{}", Transient, "vendor", None),
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"{}", Transient, "vendor", None),
        (429, {}, b'{"error": "25 requests per day"}', Transient, "vendor", 3600.0),
        (503, {"Retry-After": "2"}, b"", Transient, "vendor", 2.0),
        (503, {}, b"", Transient, None, None),
        (500, {}, b"", Transient, None, None),
        (402, {}, b"", Transient, "vendor", 86400.0),
        (404, {}, b"", Permanent, None, None),
        (301, {}, b"", Permanent, None, None),
        (299, {}, b"", Permanent, None, None),
    ],
)
def test_statuses_say_what_happens_next(
    status: int, headers: dict[str, str], body: bytes, kind: type, source: str | None, retry_after_s: float | None
) -> None:
    with pytest.raises(kind) as failure:
        sender(lambda _r: httpx.Response(status, headers=headers, content=body)).send(ASK)
    assert getattr(failure.value, "source", None) == source
    assert (getattr(failure.value, "retry_after_s", None) or None) == retry_after_s


def test_an_endless_answer_is_given_up() -> None:
    def flood() -> Iterator[bytes]:
        while True:
            yield b" " * 65536

    with pytest.raises(Permanent, match="larger than"):
        sender(lambda _r: httpx.Response(200, content=flood())).send(ASK)


def test_an_answer_that_drips_is_given_up() -> None:
    def drip() -> Iterator[bytes]:
        while True:
            yield b" "

    with pytest.raises(Transient, match=r"within 0\.05 s"):
        sender(lambda _r: httpx.Response(200, content=drip()), timeout_s=0.05).send(ASK)
