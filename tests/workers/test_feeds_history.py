"""What becomes of a gap when the vendor's history answers as its users have seen it answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from feed_trials import rows
from pydantic import SecretStr

from include.contracts.corrections import TickCorrection
from include.contracts.prices import Tick
from include.feeds import alpaca
from include.feeds.hours import AlwaysOpen
from include.feeds.http import Key, Sender
from include.feeds.socket import address, told_by
from include.stores import feed_book
from include.stores.postgres import Database
from include.transport.limits import vendor_limits
from include.transport.quota import Quota
from include.workers.feed_asking import Asking
from include.workers.feed_counts import FeedCounts
from include.workers.feed_gaps import Filling

BEGAN = datetime(2026, 11, 20, 15, tzinfo=UTC)
SYMBOLS = ("AAPL", "BRK.B", "NOZZZ")
TRADE: dict[str, Any] = {"t": "2026-11-20T15:00:30.5Z", "x": "V", "p": 156.8, "s": 3, "c": ["@"], "i": 7, "z": "C"}
Answer = Callable[[httpx.Request], httpx.Response]


def filled(database: Database, answer: Answer) -> tuple[list[Tick], list[TickCorrection], list[Any]]:
    """-> the ticks and corrections that were sent for a gap of a minute, and what its row says then."""
    key = Key("APCA_API_KEY_ID", SecretStr("a-key-of-alpaca"), "header", "APCA-API-KEY-ID")
    with database.transaction() as connection:
        feed_book.open_gap(connection, alpaca.STOCKS.name, BEGAN, "lost")
        feed_book.close_gaps(connection, alpaca.STOCKS.name, BEGAN + timedelta(minutes=1))
    ticks: list[Tick] = []
    corrections: list[TickCorrection] = []

    def publish(page: tuple[Tick, ...]) -> int:
        ticks.extend(page)
        return len(page)

    with Sender("alpaca", "https://vendor.example", [key], transport=httpx.MockTransport(answer)) as sender:
        quota = Quota(database.transaction, "alpaca", vendor_limits("100/s"), key="a-key-of-alpaca")
        asking = Asking(sender, quota, FeedCounts("alpaca-stocks"), threading.Event(), ())
        always = AlwaysOpen()
        Filling(alpaca.STOCKS, SYMBOLS, lambda _at: always, asking, database, publish, corrections.extend).fill()
    return ticks, corrections, rows(database, "SELECT state, ticks, detail FROM feed_gaps")


def trades(request: httpx.Request, *found: dict[str, Any]) -> httpx.Response:
    channel = request.url.path.rpartition("/")[2]
    body = {channel: {"AAPL": list(found)} if channel == "trades" and found else {}, "next_page_token": None}
    return httpx.Response(200, content=json.dumps(body))


@pytest.mark.parametrize("said", ["invalid symbol: NOZZZ", "code=400, message=invalid symbol(s): NOZZZ"])
def test_a_symbol_that_nobody_knows_costs_the_others_no_backfill(database: Database, said: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "NOZZZ" in request.url.params["symbols"]:
            return httpx.Response(400, json={"message": said})
        return trades(request, TRADE)

    ticks, _corrections, gap = filled(database, answer)
    assert [tick.price for tick in ticks] == [156.8]
    assert gap == [("filled", 1, "the vendor knows no NOZZZ")]


def test_a_refusal_of_everything_leaves_the_gap_unfilled_and_says_why(database: Database) -> None:
    said = "subscription does not permit querying recent SIP data"
    ticks, _corrections, gap = filled(database, lambda _r: httpx.Response(403, json={"message": said}))
    assert (ticks, gap[0][:2]) == ([], ("unfilled", None))
    assert said in gap[0][2]


def test_a_trade_that_was_cancelled_meanwhile_is_taken_back_and_not_sent(database: Database) -> None:
    ticks, corrections, gap = filled(database, lambda r: trades(r, TRADE, TRADE | {"i": 8, "u": "canceled"}))
    assert ([tick.price for tick in ticks], [c.trade for c in corrections]) == ([156.8], ["8"])
    assert gap == [("filled", 1, None)]


@pytest.mark.parametrize(
    ("url", "source"),
    [
        (None, "iex"),
        ("wss://stream.data.alpaca.markets/v2/sip", "sip"),
        ("wss://stream.data.alpaca.markets/v2/delayed_sip/", "sip"),
        ("wss://stream.data.alpaca.markets/v1beta1/boats", "boats"),
        ("ws://127.0.0.1:8080", "iex"),
        ("ws://127.0.0.1:8080/own/path", "iex"),
    ],
)
def test_history_is_asked_of_the_source_that_is_listened_to(url: str | None, source: str) -> None:
    assert told_by(alpaca.STOCKS, address(alpaca.STOCKS, url)).data_feed == source


def test_crypto_has_no_source_to_choose() -> None:
    assert told_by(alpaca.CRYPTO, "wss://stream.data.alpaca.markets/v2/sip").data_feed is None
