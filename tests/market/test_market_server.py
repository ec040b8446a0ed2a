"""The local market as a server: what it plays, what it refuses, what it counts."""

from __future__ import annotations

import socket
import stat
import threading
from collections.abc import Callable
from contextlib import ExitStack

import httpx
import pytest
from cryptography import x509

from include.errors import ConfigurationError, Unfit
from include.market import certificates
from include.market.server import Market, MarketSettings
from tests.market.conftest import QUERY

Running = Callable[..., Market]


def test_it_refuses_to_listen_anywhere_but_on_loopback(market_home) -> None:
    with pytest.raises(ConfigurationError, match="loopback only"):
        Market(MarketSettings(home=market_home), address="0.0.0.0")


def test_a_taken_port_is_named(market_home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unfit, match=rf"127\.0\.0\.1:{port}.*--port"):
            Market(MarketSettings(home=market_home, port=port)).start()


def test_a_host_that_nobody_plays_is_refused_and_never_reached(calm_market, client_of) -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        outside.settimeout(0.2)
        with socket.create_connection(("127.0.0.1", calm_market.port), timeout=60) as connection:
            connection.sendall(f"CONNECT localtest:{outside.getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        with pytest.raises(TimeoutError):
            outside.accept()
    assert answer.startswith(b"HTTP/1.1 403")
    assert b"does not play localtest, and it forwards nothing" in answer
    with pytest.raises(httpx.ProxyError, match="403"):
        client_of(calm_market).get("https://example.com/")


def test_plain_http_to_a_host_that_nobody_plays_is_refused(calm_market, client_of) -> None:
    assert client_of(calm_market).get("http://example.com/").status_code == 403


def test_plain_http_to_a_played_host_is_sent_to_https(calm_market, client_of) -> None:
    answer = client_of(calm_market).get("http://finance.yahoo.com/quote/A")
    assert (answer.status_code, answer.headers["location"]) == (301, "https://finance.yahoo.com/quote/A")


def test_keys_are_readable_by_their_owner_alone(calm_market) -> None:
    folder = calm_market.certificates.ca_file.parent
    for name in ("ca.key", "leaf.pem"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert (folder / "spki.txt").read_text().strip() == calm_market.certificates.spki


def test_certificates_are_kept_until_the_hosts_change(tmp_path) -> None:
    first = certificates.ensure(tmp_path, ["a.example"])
    assert certificates.ensure(tmp_path, ["a.example"]) == first
    other = certificates.ensure(tmp_path, ["a.example", "b.example"])
    assert other.spki != first.spki
    leaf = x509.load_pem_x509_certificate(other.leaf_file.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.example", "b.example"]


def test_requests_are_counted_by_vendor_kind_and_symbol(running: Running, signed_in) -> None:
    market = running()
    client, crumb = signed_in(market)
    client.get(f"{QUERY}/v7/finance/quote", params={"symbols": "NOPE,EURUSD=X", "crumb": crumb})
    client.get(f"{QUERY}/v7/finance/quote", params={"symbols": "EURUSD=X,JPY=X", "crumb": crumb})
    client.get(f"{QUERY}/ws/fundamentals-timeseries/v1/finance/timeseries/NOPE", params={"type": "annualEBIT"})
    direct = httpx.get(f"{market.url}/_market/stats", trust_env=False, timeout=60).json()
    kinds = direct["vendors"]["yahoo"]["kinds"]
    assert {name: kind["requests"] for name, kind in kinds.items()} == {
        "cookie": 1,
        "crumb": 1,
        "quote": 1,
        "exchange-rate": 1,
        "fundamentals": 1,
    }
    assert kinds["quote"]["symbols"] == {"EURUSD=X": 1, "NOPE": 1}
    assert kinds["cookie"]["statuses"] == {"404": 1}
    httpx.post(f"{market.url}/_market/stats", trust_env=False, timeout=60)
    assert market.stats()["vendors"] == {}


def test_health_names_profile_and_hosts(calm_market) -> None:
    answer = httpx.get(f"{calm_market.url}/_market/health", trust_env=False, timeout=60).json()
    assert (answer["status"], answer["profile"]) == ("ok", "calm")
    assert {"query1.finance.yahoo.com", "fc.yahoo.com"} <= set(answer["hosts"])


def test_one_connection_serves_many_requests_also_when_they_come_at_once(calm_market) -> None:
    ask = b"GET /_market/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    last = ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with socket.create_connection(("127.0.0.1", calm_market.port), timeout=60) as connection:
        connection.sendall(ask * 4 + last)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 5


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"GET /" + b"x" * 70_000, b"431"),
    ],
)
def test_what_is_no_http_is_answered_and_the_connection_closed(calm_market, sent: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", calm_market.port), timeout=60) as connection:
        connection.sendall(sent)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.split(b" ")[1] == status


def test_a_client_that_goes_away_in_the_handshake_harms_nobody(calm_market, client_of) -> None:
    with socket.create_connection(("127.0.0.1", calm_market.port), timeout=60) as connection:
        connection.sendall(b"CONNECT query1.finance.yahoo.com:443 HTTP/1.1\r\n\r\n")
        connection.recv(100)
        connection.sendall(b"this is no TLS")
    assert client_of(calm_market).get("https://fc.yahoo.com/").status_code == 404


def test_hundreds_of_clients_may_connect_at_once(calm_market) -> None:
    place = ("127.0.0.1", calm_market.port)
    with ExitStack() as opened:
        connections = [opened.enter_context(socket.create_connection(place, timeout=60)) for _ in range(300)]
        for connection in connections:
            connection.sendall(b"GET /_market/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answered = [connection.recv(15) for connection in connections]
    assert set(answered) == {b"HTTP/1.1 200 OK"}


def test_stopping_closes_every_connection_and_leaves_no_thread(running: Running) -> None:
    market = running()
    with socket.create_connection(("127.0.0.1", market.port), timeout=60) as connection:
        market.stop()
        assert connection.recv(1) == b""
    assert "market" not in [thread.name for thread in threading.enumerate() if thread is market._thread]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", market.port), timeout=1)
