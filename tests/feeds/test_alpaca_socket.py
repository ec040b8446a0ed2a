"""One socket module against the local market's Alpaca: order, loss, silence, refusals, and the same ticks twice."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from pydantic import SecretStr
from websockets.asyncio.client import connect

from include.contracts.prices import Tick
from include.errors import ConfigurationError
from include.feeds import alpaca, history
from include.feeds.base import Body
from include.feeds.hours import hours_of
from include.feeds.listening import Connected, Event, Heard, Lost, backoff_s, listening
from include.feeds.socket import Dial, address
from include.market.server import Market, MarketSettings

DEADLINE_S = 60
MUTE_S = 60  # no silence of this machine's is one of the stream's
SYMBOLS = ("BTC/USD", "ETH/USD")
_NUMBERS = itertools.count(10)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with Market(MarketSettings(home=tmp_path_factory.mktemp("market"), stocks_per_region=1)) as running:
        yield running


def dial(market: Market, key: str | None = None, *, symbols: tuple[str, ...] = SYMBOLS, mute_s: float = MUTE_S) -> Dial:
    """Unless told otherwise under a key of its own: the market may not know yet that the last connection has ended."""
    return Dial(
        stream=alpaca.CRYPTO,
        url=address(alpaca.CRYPTO, market.url.replace("http", "ws")),
        key_id=SecretStr(key or f"free-key-{next(_NUMBERS)}"),
        secret_key=SecretStr("its-secret-canary"),
        symbols=symbols,
        symbols_variable="ALPACA_CRYPTOS",
        hours=lambda at: hours_of(None, at),
        mute_s=mute_s,
    )


async def at_once(_seconds: float) -> None:
    """Waits of the listener are not what is tested here."""
    await asyncio.sleep(0.05)


def listen(wanted: Dial, enough: Callable[[list[Event]], bool]) -> list[Event]:
    """The events until there are ``enough``, within the deadline."""

    async def collect() -> list[Event]:
        events: list[Event] = []
        async with asyncio.timeout(DEADLINE_S), aclosing(listening(wanted, sleep=at_once)) as stream:
            async for event in stream:
                events.append(event)
                if enough(events):
                    break
        return events

    return asyncio.run(collect())


def of_kind(events: list[Event], kind: type[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_ticks_come_after_the_subscription(market: Market) -> None:
    events = listen(dial(market), lambda e: len(of_kind(e, Heard)) == 3)
    assert isinstance(events[0], Connected)
    ticks = [tick for heard in of_kind(events, Heard) for tick in heard.ticks]
    assert {tick.symbol for tick in ticks} == set(SYMBOLS)
    assert [tick.ticked_at for tick in ticks] == sorted(tick.ticked_at for tick in ticks)


def test_a_lost_connection_is_told_and_made_again(market: Market) -> None:
    market.strike("stream-frame", "drop")
    events = listen(dial(market), lambda e: len(of_kind(e, Connected)) == 2 and isinstance(e[-1], Heard))
    (lost,) = of_kind(events, Lost)
    assert "closed the connection" in lost.why


def test_a_socket_that_is_connected_but_mute_is_noticed(market: Market) -> None:
    market.strike("stream-frame", "mute")
    events = listen(dial(market, mute_s=1), lambda e: len(of_kind(e, Connected)) == 2)
    assert "mute" in of_kind(events, Lost)[0].why


def test_a_repeated_tick_has_the_same_id(market: Market) -> None:
    market.strike("stream-frame", *["repeat"] * 10)
    events = listen(dial(market), lambda e: len(of_kind(e, Heard)) == 5)
    ticks: list[Tick] = [tick for heard in of_kind(events, Heard) for tick in heard.ticks]
    assert len(set(ticks)) < len(ticks)
    assert len({tick.tick_id for tick in ticks}) == len(set(ticks))


def test_the_one_connection_of_a_key_is_waited_for(market: Market) -> None:
    wanted = dial(market)

    async def scenario() -> list[Event]:
        events: list[Event] = []
        async with asyncio.timeout(DEADLINE_S), aclosing(listening(wanted, sleep=at_once)) as first:
            assert isinstance(await anext(first), Connected)
            async with aclosing(listening(wanted, sleep=at_once)) as second:
                events.append(await anext(second))
                await first.aclose()
                async for event in second:
                    events.append(event)
                    if isinstance(event, Connected):
                        break
        return events

    events = asyncio.run(scenario())
    assert isinstance(events[0], Lost)
    assert "another process holds" in events[0].why
    assert events[0].wait_s >= 5
    assert isinstance(events[-1], Connected)


@pytest.mark.parametrize(
    ("key", "symbols", "words"),
    [
        ("revoked-key", SYMBOLS, "APCA_API_KEY_ID"),
        ("free-key-2", tuple(f"C{n}/USD" for n in range(31)), "ALPACA_CRYPTOS"),
    ],
)
def test_what_a_person_must_mend_ends_it(market: Market, key: str, symbols: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        listen(dial(market, key, symbols=symbols), lambda _e: False)


def test_a_paying_key_may_watch_more(market: Market) -> None:
    symbols = tuple(f"C{n}/USD" for n in range(31))
    assert listen(dial(market, "paid-key-1", symbols=symbols), lambda e: isinstance(e[-1], Heard))


def test_an_address_where_nobody_listens_is_tried_again(market: Market) -> None:
    nowhere = msgspec.structs.replace(dial(market), url="ws://127.0.0.1:1/v2/iex")
    lost = listen(nowhere, lambda e: len(e) == 2)
    assert all("does not answer" in event.why for event in of_kind(lost, Lost))


def test_no_secret_is_logged_or_told(market: Market, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    market.strike("stream-frame", "drop")
    events = listen(dial(market, "canary-key-7"), lambda e: len(of_kind(e, Connected)) == 2)
    for secret in ("canary-key-7", "its-secret-canary"):
        assert secret not in caplog.text
        assert secret not in repr(events)
        assert secret.encode().hex(" ") not in caplog.text


def test_what_the_stream_said_the_history_says_again(market: Market) -> None:
    events = listen(dial(market), lambda e: len(of_kind(e, Heard)) == 4)
    heard = {tick for event in of_kind(events, Heard) for tick in event.ticks}
    moments = [tick.ticked_at for tick in heard]
    since, until = min(moments) - timedelta(milliseconds=1), max(moments) + timedelta(milliseconds=1)
    again: set[Tick] = set()
    headers = {"APCA-API-KEY-ID": "free-key-1", "APCA-API-SECRET-KEY": "its-secret-canary"}
    for channel in history.CHANNELS:
        page: str | None = None
        while True:
            request = history.ask(alpaca.CRYPTO, channel, SYMBOLS, since, until, page)
            params = dict(request.params) | {"limit": "3"}
            answer = httpx.get(market.url + request.path, params=params, headers=headers, timeout=60)
            found = history.read(alpaca.CRYPTO, channel, Body(answer.content, datetime.now(UTC)))
            again |= set(found.ticks)
            page = found.next_page
            if page is None:
                break
    assert heard <= again


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([{"action": "subscribe", "trades": ["BTC/USD"]}], 401),
        ([{"action": "dance"}], 400),
        ([{"action": "auth", "key": "free-key-9", "secret": "its-secret-canary"}] * 2, 403),
    ],
)
def test_the_market_is_strict_about_order(market: Market, said: list[dict[str, Any]], code: int) -> None:
    async def converse() -> list[dict[str, Any]]:
        async with asyncio.timeout(DEADLINE_S), _raw(market) as connection:
            for message in said:
                # As alpaca-py sends its subscription: one message in several frames.
                encoded = json.dumps(message)
                await connection.send([encoded[:5], encoded[5:9], encoded[9:]])
            while True:
                for message in json.loads(await connection.recv()):
                    if message["T"] == "error":
                        return [message]

    assert asyncio.run(converse())[0]["code"] == code


def _raw(market: Market) -> connect:
    return connect(market.url.replace("http", "ws") + "/v1beta3/crypto/us", proxy=None)


def test_waits_double_up_to_half_a_minute_and_are_never_the_same_for_all() -> None:
    longest = [backoff_s(failures, lambda _low, high: high) for failures in range(1, 10)]
    assert longest == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert backoff_s(3, lambda low, _high: low) == 1
    assert backoff_s(10**6) <= 30
