"""A stream that behaves as Alpaca's users have seen it behave, and worse: the listener names it and goes on."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

import pytest
from msgspec.msgpack import encode
from pydantic import SecretStr
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from include.contracts.prices import Tick
from include.errors import ConfigurationError
from include.feeds import alpaca
from include.feeds.hours import hours_of
from include.feeds.listening import Connected, Event, Heard, Lost, listening
from include.feeds.socket import Dial

DEADLINE_S = 60
KEY, SECRET = "CANARY-key/4711", "CANARY-secret/4711"
TRADE: dict[str, Any] = {"T": "t", "S": "AAPL", "i": 1, "p": 156.8, "s": 3, "t": "2026-11-20T15:00:00.123456789Z"}

Scene = Callable[[ServerConnection], Awaitable[None]]


def text(*messages: Any) -> str:
    return json.dumps(messages)


async def signed_in(connection: ServerConnection) -> None:
    """The vendor's side of a sign-in that goes well."""
    await connection.send(text({"T": "success", "msg": "connected"}))
    await connection.recv()
    await connection.send(text({"T": "success", "msg": "authenticated"}))
    await connection.recv()
    await connection.send(text({"T": "subscription", "trades": ["AAPL"], "quotes": ["AAPL"]}))


async def well(connection: ServerConnection) -> None:
    """A connection with one trade, and then none."""
    await signed_in(connection)
    await connection.send(text(TRADE))
    await connection.wait_closed()


def saying(*frames: str | bytes) -> Scene:
    """A connection that signs in, says these frames and stays."""

    async def scene(connection: ServerConnection) -> None:
        await signed_in(connection)
        for frame in frames:
            await connection.send(frame)
        await connection.wait_closed()

    return scene


def dial(port: int, mute_s: float = 10) -> Dial:
    return Dial(
        stream=alpaca.STOCKS,
        url=f"ws://127.0.0.1:{port}/v2/iex",
        key_id=SecretStr(KEY),
        secret_key=SecretStr(SECRET),
        symbols=("AAPL",),
        symbols_variable="ALPACA_STOCKS",
        hours=lambda at: hours_of(None, at),
        mute_s=mute_s,
    )


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def played(*scenes: Scene, mute_s: float = 10) -> list[Event]:
    """What the listener tells while its connections meet ``scenes``, one each, up to the first tick after the last."""
    waiting = list(scenes)

    async def meet(connection: ServerConnection) -> None:
        await (waiting.pop(0) if waiting else well)(connection)

    async def run() -> list[Event]:
        events: list[Event] = []
        async with asyncio.timeout(DEADLINE_S), serve(meet, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with aclosing(listening(dial(port, mute_s), sleep=at_once)) as stream:
                async for event in stream:
                    events.append(event)
                    if not waiting and isinstance(event, Heard):
                        return events
        return events

    return asyncio.run(run())


def lost(events: list[Event]) -> list[str]:
    return [event.why for event in events if isinstance(event, Lost)]


def ticks(events: list[Event]) -> list[Tick]:
    return [tick for event in events if isinstance(event, Heard) for tick in event.ticks]


def refusing(code: int, msg: str) -> Scene:
    async def scene(connection: ServerConnection) -> None:
        await connection.send(text({"T": "success", "msg": "connected"}))
        await connection.recv()
        await connection.send(text({"T": "error", "code": code, "msg": msg}))
        await connection.wait_closed()

    return scene


@pytest.mark.parametrize(
    ("code", "msg", "words"),
    [
        (400, "invalid syntax", "invalid syntax"),
        (401, "not authenticated", "not authenticated"),
        (403, "already authenticated", "already authenticated"),
        (404, "auth timeout", "auth timeout"),
        (406, "connection limit exceeded", "another process holds"),
        (407, "slow client", "too slowly"),
        (500, "internal error", "internal error"),
        (413, "never heard of", "413"),
    ],
)
def test_an_error_that_may_pass_is_told_and_the_next_connection_works(code: int, msg: str, words: str) -> None:
    events = played(refusing(code, msg), well)
    (why,) = lost(events)
    assert words in why
    assert len(ticks(events)) == 1


@pytest.mark.parametrize(
    ("code", "msg", "variable"),
    [
        (402, "auth failed", "APCA_API_KEY_ID"),
        (405, "symbol limit exceeded", "ALPACA_STOCKS"),
        (408, "v2 not enabled", "ALPACA_STREAM_URL"),
        (409, "insufficient subscription", "ALPACA_STREAM_URL"),
        (410, "invalid subscribe action for this feed", "ALPACA_STREAM_URL"),
    ],
)
def test_an_error_that_a_person_must_mend_names_what_to_change(code: int, msg: str, variable: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable}.*{msg}"):
        played(refusing(code, msg))


def test_an_error_that_repeats_the_key_or_controls_a_terminal_is_made_harmless() -> None:
    (why,) = lost(played(refusing(500, f"bad {KEY.replace('/', '%2F')}\x00 \x1b[2J{SECRET.upper()}"), well))
    assert why == "alpaca-stocks answered 500 (bad *** [2J***)"


def test_a_farewell_that_repeats_the_key_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def farewell(connection: ServerConnection) -> None:
        await signed_in(connection)
        await connection.close(1008, f"bye {KEY}")

    events = played(farewell, well)
    assert "closed the connection" in lost(events)[0]
    client_side = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("websockets.server"))
    assert "4711" not in repr(events) + client_side


def test_what_was_not_asked_for_costs_nothing_and_what_nobody_knows_is_said(caplog: pytest.LogCaptureFixture) -> None:
    others = [{"T": kind, "S": "AAPL"} for kind in "ilsnbudo"]
    frame = encode([*others, {"T": "zz", "S": "AAPL"}, {"S": "AAPL"}, None, 7, []])
    assert len(ticks(played(saying(frame, text(TRADE))))) == 1
    (record,) = [r for r in caplog.records if "unreadable" in r.getMessage()]
    assert "5 unreadable messages" in record.getMessage()


def test_a_tick_that_no_table_takes_costs_itself_alone() -> None:
    bad = [TRADE | {"x": "V\x00"}, TRADE | {"c": ["@\x00"]}, TRADE | {"S": "AA\x00PL"}]
    assert [tick.exchange for tick in ticks(played(saying(text(*bad, TRADE | {"x": "V"}))))] == ["V"]


def test_success_said_again_means_nothing() -> None:
    again = text({"T": "success", "msg": "connected"}, {"T": "success", "msg": "authenticated"})
    events = played(saying(again, again, text(TRADE)))
    assert [type(event) for event in events] == [Connected, Heard]


def test_ticks_that_come_with_the_subscription_are_heard() -> None:
    async def scene(connection: ServerConnection) -> None:
        await connection.send(text({"T": "success", "msg": "connected"}))
        await connection.recv()
        await connection.send(text({"T": "success", "msg": "authenticated"}))
        await connection.recv()
        await connection.send(text({"T": "subscription", "trades": ["AAPL"]}, TRADE))
        await connection.wait_closed()

    assert len(ticks(played(scene))) == 1


@pytest.mark.parametrize("frame", ["{}", "null", '"T"', "[", b"\xc1", b"", b"\x93\xff"])
def test_a_frame_that_is_no_list_ends_its_connection_alone(frame: str | bytes) -> None:
    (why,) = lost(played(saying(frame), well))
    assert "no list of messages" in why


def test_a_frame_beyond_all_bounds_ends_its_connection_alone() -> None:
    (why,) = lost(played(saying(b"\x00" * (9 * 2**20)), well))
    assert "1009" in why


def test_a_connection_that_ends_within_a_frame_is_made_again() -> None:
    async def cut(connection: ServerConnection) -> None:
        await signed_in(connection)
        connection.transport.write(b"\x82\x7e\x10\x00half of it")
        connection.transport.close()

    (why,) = lost(played(cut, well))
    assert "closed the connection" in why


def test_a_socket_that_only_pings_is_mute() -> None:
    async def ping(connection: ServerConnection) -> None:
        await signed_in(connection)
        while True:
            await connection.ping()
            await asyncio.sleep(0.05)

    why, *_ = lost(played(ping, well, mute_s=0.5))  # on a busy machine the next one may seem mute too
    assert "mute" in why


def test_a_socket_that_only_says_what_was_not_asked_for_is_mute() -> None:
    async def chatter(connection: ServerConnection) -> None:
        await signed_in(connection)
        while True:
            await connection.send(text({"T": "b", "S": "AAPL"}))
            await asyncio.sleep(0.05)

    why, *_ = lost(played(chatter, well, mute_s=0.5))
    assert "mute" in why


def test_a_redirect_is_not_followed_or_the_key_would_go_elsewhere() -> None:
    heard: list[Any] = []

    async def elsewhere(connection: ServerConnection) -> None:
        await connection.send(text({"T": "success", "msg": "connected"}))
        heard.append(await connection.recv())

    async def run() -> Lost:
        async with asyncio.timeout(DEADLINE_S), serve(elsewhere, "127.0.0.1", 0) as other:
            target = f"ws://127.0.0.1:{next(iter(other.sockets)).getsockname()[1]}/v2/iex"

            def redirect(_connection: ServerConnection, _request: Request) -> Response:
                return Response(HTTPStatus.FOUND, "Found", Headers(Location=target))

            async with serve(well, "127.0.0.1", 0, process_request=redirect) as server:
                port = next(iter(server.sockets)).getsockname()[1]
                async with aclosing(listening(dial(port), sleep=at_once)) as stream:
                    event = await anext(stream)
                    assert isinstance(event, Lost)
                    return event

    assert "302 instead of a socket" in asyncio.run(run()).why
    assert heard == []
