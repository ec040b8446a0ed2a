"""A vendor may name another host in any way it likes: no request goes there, and no key."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from include.errors import StocksError
from include.feeds import polygon
from include.feeds.base import PriceQuery, Request
from include.feeds.http import Key, Sender, bearer

KEY = SecretStr("Kan4rie/ELsewhere+Zq1Xy7")
KEYS = {"in a header": bearer("VENDOR_KEY", KEY), "in the address": Key("VENDOR_KEY", KEY, "query", "apikey")}
_BAR = {"T": "AAPL", "c": 156.8, "t": 1651003200000}

Answer = Callable[[str], tuple[int, dict[str, str], bytes]]
Heard = list[tuple[str, dict[str, str]]]


def _redirect(status: int) -> Answer:
    return lambda elsewhere: (status, {"Location": f"{elsewhere}/stolen"}, b"")


def _paged(elsewhere: str) -> tuple[int, dict[str, str], bytes]:
    body = {"status": "OK", "resultsCount": 1, "results": [_BAR], "next_url": f"{elsewhere}/v2/aggs?cursor=x"}
    return 200, {"Link": f'<{elsewhere}/next>; rel="next"', "Refresh": f"0; url={elsewhere}"}, json.dumps(body).encode()


ANSWERS: dict[str, Answer] = {str(status): _redirect(status) for status in (301, 302, 303, 307, 308)}
ANSWERS["a next page elsewhere"] = _paged
ANSWERS["another site's scheme"] = lambda elsewhere: (302, {"Location": elsewhere.removeprefix("http:")}, b"")
ANSWERS["a wait with an address"] = lambda elsewhere: (429, {"Retry-After": elsewhere, "Location": elsewhere}, b"")


@contextmanager
def _serving(answer: Callable[[], tuple[int, dict[str, str], bytes]]) -> Iterator[tuple[str, Heard]]:
    """A host of its own; -> its address, and whatever is asked of it."""
    heard: Heard = []

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append((self.path, dict(self.headers)))
            status, headers, body = answer()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", heard
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_no_request_and_no_key_goes_where_an_answer_points(answer: Answer, key: Key) -> None:
    with ExitStack() as stack:
        elsewhere, stolen = stack.enter_context(_serving(lambda: (200, {}, b"{}")))
        vendor, asked = stack.enter_context(_serving(lambda: answer(elsewhere)))
        sender = stack.enter_context(Sender("vendor", vendor, [key]))
        for request in (polygon.Polygon().ask(PriceQuery(("AAPL",))), Request("/again")):
            try:
                body = sender.send(request)
                polygon.Polygon().read(PriceQuery(("AAPL",)), body)
            except StocksError as error:
                assert KEY.get_secret_value() not in str(error)
        assert stolen == []
        assert len(asked) == 2
        assert not [headers for _path, headers in asked if "Referer" in headers or "Cookie" in headers]


@pytest.mark.parametrize(
    "symbol", ["//elsewhere.example/x", "../../v3", "@elsewhere.example", "AAPL?x=http://e.example"]
)
def test_no_symbol_leads_to_another_host_or_path(symbol: str) -> None:
    with ExitStack() as stack:
        vendor, asked = stack.enter_context(_serving(lambda: (404, {}, b"{}")))
        sender = stack.enter_context(Sender("polygon", vendor, [KEYS["in a header"]]))
        for request in (polygon.Polygon().ask(PriceQuery((symbol,))), polygon.ask_reference(symbol)):
            with pytest.raises(StocksError):
                sender.send(request)
    for path, _headers in asked:
        assert path.startswith(("/v2/aggs/ticker/", "/v3/reference/tickers/")), path
        assert len(asked) == 2
