"""The two streamed feeds, put together from settings: one socket module, two processes."""

from __future__ import annotations

from collections.abc import Mapping

from include.feeds import alpaca
from include.feeds.hours import hours_of
from include.feeds.http import Key, Sender
from include.feeds.socket import Dial, address
from include.settings import AlpacaSettings
from include.workers.feed_gaps import Filling
from include.workers.feed_place import FeedPlace
from include.workers.feed_streaming import Streaming

_STREAMS = {stream.name: stream for stream in (alpaca.STOCKS, alpaca.CRYPTO)}


def build_stream(place: FeedPlace, environment: Mapping[str, str]) -> Streaming:
    """The streamed feed of ``place``. Raises ConfigurationError naming what is missing."""
    settings = AlpacaSettings.from_env(environment)
    row, stream = place.row, _STREAMS[place.row.name]
    own = settings.stocks if stream is alpaca.STOCKS else settings.cryptos
    keys = [
        Key("APCA_API_KEY_ID", settings.key_id, "header", "APCA-API-KEY-ID"),
        Key("APCA_API_SECRET_KEY", settings.secret_key, "header", "APCA-API-SECRET-KEY"),
    ]
    dial = Dial(
        stream=stream,
        url=address(stream, settings.stream_url),
        key_id=settings.key_id,
        secret_key=settings.secret_key,
        symbols=own or row.watchlist,
        symbols_variable=row.symbols_variable,
        hours=lambda at: hours_of(row.calendar, at),
        mute_s=settings.mute_s,
    )
    asking = place.asking(Sender(row.source, settings.data_url, keys), settings.quota, keys[0])
    filling = Filling(stream, dial.symbols, asking, place.database, place.publish)
    return Streaming(dial=dial, place=place, filling=filling, changes_only=settings.publish == "changes")
