"""Requests are counted where the local market counts them, and by no other proxy of the machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from include.ledger.request_count import RequestCount


@contextmanager
def proxy(*answers: bytes) -> Iterator[str]:
    """Somebody who gives these answers, one after another, whatever is asked; -> the address."""
    left = list(answers)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = left.pop(0)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """No line for each."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            serving.join()


def stats(requests: int, **faults: int) -> bytes:
    kinds = {"quote": {"requests": requests, "faults": faults}, "page": {"requests": 50, "faults": {}}}
    return msgspec.json.encode({"vendors": {"yahoo": {"kinds": kinds}}, "seed": 1})


def test_requests_for_data_since_then_are_counted_without_those_that_a_fault_spoiled() -> None:
    with proxy(stats(10), stats(25, **{"429": 3})) as address:
        count = RequestCount.of({"HTTPS_PROXY": address})
        assert count is not None
        assert count.since_then() == 12


@pytest.mark.parametrize("said", [b"<html>this is a proxy</html>", b"{}", b"[]", b'{"vendors": {"yahoo": 1}}', b""])
def test_a_proxy_that_is_no_local_market_counts_nothing(said: bytes) -> None:
    with proxy(said) as address:
        assert RequestCount.of({"HTTPS_PROXY": address}) is None


def test_a_market_that_was_counted_anew_or_is_another_by_now_has_no_count() -> None:
    with proxy(stats(10), stats(2), b"gone") as address:
        count = RequestCount.of({"HTTPS_PROXY": address})
        assert count is not None
        assert (count.since_then(), count.since_then()) == (None, None)


def test_a_proxy_elsewhere_is_not_asked() -> None:
    assert RequestCount.of({"HTTPS_PROXY": "http://proxy.example:3128"}) is None
