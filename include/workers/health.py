"""/healthz and /metrics on the loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from include.errors import ConfigurationError

LOOPBACK = "127.0.0.1"


class Health(msgspec.Struct, frozen=True):
    """What /healthz answers: 200 when ``healthy``, 503 when not."""

    healthy: bool
    worker: str
    stage: str
    detail: dict[str, Any] = {}


@contextmanager
def serve_health(port: int, health: Callable[[], Health], metrics: Callable[[], bytes]) -> Iterator[int]:
    """Serve for the block; -> the port (0 asks for a free one). Raises ConfigurationError when it is taken."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                state = health()
                status = HTTPStatus.OK if state.healthy else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, "application/json", msgspec.json.encode(state))
            elif self.path == "/metrics":
                self._answer(HTTPStatus.OK, "text/plain; version=0.0.4; charset=utf-8", metrics())
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"here are /healthz and /metrics\n")

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Probes come every few seconds: no line for each."""

    try:
        server = ThreadingHTTPServer((LOOPBACK, port), Answers)
    except OSError as error:
        raise ConfigurationError(
            f"port {port} on {LOOPBACK} cannot be had ({error.strerror}); choose another --port"
        ) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="health", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
