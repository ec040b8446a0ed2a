"""One connection to an Alpaca stream: connect, sign in, subscribe, listen, notice silence.

What arrives is handed on in order; how a connection ended is an exception whose name says what next.
Connecting again is ``listening``'s, which never tires of Transient failures.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI, ProxyError

from include.errors import ConfigurationError, StocksError, Transient
from include.feeds import alpaca
from include.feeds.alpaca_messages import Control, Error, Subscription, Success
from include.feeds.hours import Hours
from include.feeds.masking import masking
from include.feeds.reading import printable

log = logging.getLogger(__name__)
# The library's own log shows frames, and one of them holds the key.
_wire = logging.getLogger(f"{__name__}.wire")
_wire.setLevel(logging.WARNING)
_wire.propagate = False

_DEFAULT_HOST = "wss://stream.data.alpaca.markets"
# The last part of a stream's address -> what the same trades are called in the history.
_SOURCES = {"iex": "iex", "sip": "sip", "delayed_sip": "sip", "boats": "boats", "overnight": "overnight"}
_HANDSHAKE_S = 10.0
_UNREADABLE_SHOWN = 3
_CLOCKS_AGREE = 0.95

ControlT = TypeVar("ControlT", bound=Control)
Clock = Callable[[], datetime]


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to call and what to ask for. ``mute_s`` of silence while the market trades ends a connection."""

    stream: alpaca.Stream
    url: str
    key_id: SecretStr
    secret_key: SecretStr
    symbols: tuple[str, ...]
    symbols_variable: str
    hours: Callable[[datetime], Hours]
    mute_s: float


def address(stream: alpaca.Stream, configured: str | None) -> str:
    """The stream's address: ``configured``, with the stream's own path unless it brings one."""
    base = (configured or _DEFAULT_HOST).rstrip("/")
    return base if urlsplit(base).path else base + stream.path


def told_by(stream: alpaca.Stream, url: str) -> alpaca.Stream:
    """``stream`` as the address has it: history is asked of the source that is listened to (``/v2/sip``), or else a
    gap would be filled with the few trades of another one.
    """
    source = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    if stream.data_feed is None or source not in _SOURCES:
        return stream
    return msgspec.structs.replace(stream, data_feed=_SOURCES[source])


class _Connect(connect):
    """A connection to the address that was configured and to no other: the key would follow a redirect."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def frames(dial: Dial, now: Clock = lambda: datetime.now(UTC)) -> AsyncGenerator[alpaca.Frame]:
    """What one connection says; the first frame tells that it is subscribed, and may be without ticks.

    Ends only by an exception: Transient (connect again), ConfigurationError (a person must act).
    """
    mask = masking([dial.key_id, dial.secret_key])
    try:
        async with _Connect(
            dial.url,
            logger=_wire,
            open_timeout=_HANDSHAKE_S,
            close_timeout=2,
            max_size=8 * 2**20,
            additional_headers={"Content-Type": "application/msgpack"},
            ssl=httpx.create_ssl_context() if dial.url.startswith("wss:") else None,
        ) as connection:
            yield await _sign_in(connection, dial, now)
            async for frame in _listen(connection, dial, now):
                yield frame
    except InvalidURI as error:
        raise ConfigurationError(f"ALPACA_STREAM_URL is malformed: {mask(str(error))}") from None
    except InvalidStatus as error:
        raise _refused(dial, error.response.status_code) from None
    except ConnectionClosed as error:
        raise Transient(f"{dial.stream.name} closed the connection: {printable(mask(str(error)))}") from None
    except (OSError, InvalidHandshake, ProxyError, TimeoutError, EOFError) as error:
        why = mask(str(error)) or type(error).__name__
        raise Transient(f"{dial.stream.name} at {dial.url} does not answer: {why}") from None


async def _sign_in(connection: ClientConnection, dial: Dial, now: Clock) -> alpaca.Frame:
    """Up to and including the frame that confirms the subscription, which may bring the first ticks."""
    await _expect(connection, dial, Success, "connected", now)
    await connection.send(alpaca.authenticate(dial.key_id.get_secret_value(), dial.secret_key.get_secret_value()))
    await _expect(connection, dial, Success, "authenticated", now)
    await connection.send(alpaca.subscribe(dial.symbols))
    granted, frame = await _expect(connection, dial, Subscription, "", now)
    missing = sorted(set(dial.symbols) - set(granted.trades) - set(granted.quotes))
    if missing:
        log.warning("%s did not subscribe to %s", dial.stream.name, ", ".join(missing))
    return frame


async def _expect(
    connection: ClientConnection, dial: Dial, kind: type[ControlT], said: str, now: Clock
) -> tuple[ControlT, alpaca.Frame]:
    """The next control of ``kind`` and its frame. Raises what an error of the vendor means, Transient if none comes."""
    try:
        async with asyncio.timeout(_HANDSHAKE_S):
            while True:
                frame = await _receive(connection, dial, now)
                for control in frame.controls:
                    if isinstance(control, kind) and (not said or getattr(control, "msg", "") == said):
                        return control, frame
    except TimeoutError:
        wanted = said or "the subscription"
        raise Transient(f"{dial.stream.name} did not confirm {wanted} within {_HANDSHAKE_S:g} s") from None


async def _listen(connection: ClientConnection, dial: Dial, now: Clock) -> AsyncGenerator[alpaca.Frame]:
    heard_at = now()
    while True:
        try:
            async with asyncio.timeout(dial.mute_s):
                frame = await _receive(connection, dial, now)
        except TimeoutError:
            frame = alpaca.Frame()
        if frame.ticks or frame.corrections:
            heard_at = now()
            yield frame
        else:
            _notice_silence(dial, heard_at, now())


async def _receive(connection: ClientConnection, dial: Dial, now: Clock) -> alpaca.Frame:
    frame = alpaca.read(dial.stream, await connection.recv(), now())
    for control in frame.controls:
        if isinstance(control, Error):
            masked = Error(control.code, printable(masking([dial.key_id, dial.secret_key])(control.msg)))
            raise alpaca.failure(dial.stream, masked, dial.symbols_variable)
    if frame.unreadable:
        shown = "; ".join(frame.unreadable[:_UNREADABLE_SHOWN])
        log.warning("%s sent %d unreadable messages: %s", dial.stream.name, len(frame.unreadable), shown)
    return frame


def _notice_silence(dial: Dial, heard_at: datetime, at: datetime) -> None:
    silent_s = dial.hours(at).open_time(heard_at, at).total_seconds()
    if silent_s >= dial.mute_s * _CLOCKS_AGREE:
        raise Transient(
            f"{dial.stream.name} is connected but mute: nothing for {silent_s:.0f} s while the market trades"
        )


def _refused(dial: Dial, status: int) -> StocksError:
    shown = f"{dial.stream.name} at {dial.url} answered {status} instead of a socket"
    if status in (401, 403):
        return ConfigurationError(f"APCA_API_KEY_ID and APCA_API_SECRET_KEY are refused: {shown}")
    return Transient(shown, source=dial.stream.name if status == httpx.codes.TOO_MANY_REQUESTS else None)
