"""The two streamed feeds, put together from settings: one socket module, two processes."""

from __future__ import annotations

from collections.abc import Mapping

from include.contracts.prices import Tick
from include.feeds import alpaca
from include.feeds.hours import hours_of
from include.feeds.http import Key, Sender
from include.feeds.socket import Dial, address, told_by
from include.settings import AlpacaSettings, CsvSettings, WorkerSettings
from include.stores.csv_ticks import CsvStore
from include.workers.backup import Backup
from include.workers.disk import DiskWatch
from include.workers.feed_gaps import Filling
from include.workers.feed_place import FeedPlace
from include.workers.feed_streaming import Streaming

_STREAMS = {stream.name: stream for stream in (alpaca.STOCKS, alpaca.CRYPTO)}


def build_stream(place: FeedPlace, environment: Mapping[str, str]) -> Streaming:
    """The streamed feed of ``place``. Raises ConfigurationError naming what is missing."""
    settings = AlpacaSettings.from_env(environment)
    row, stream = place.row, _STREAMS[place.row.name]
    own = settings.stocks if stream is alpaca.STOCKS else settings.cryptos
    url = address(stream, settings.stream_url)
    keys = [
        Key("APCA_API_KEY_ID", settings.key_id, "header", "APCA-API-KEY-ID"),
        Key("APCA_API_SECRET_KEY", settings.secret_key, "header", "APCA-API-SECRET-KEY"),
    ]
    dial = Dial(
        stream=told_by(stream, url),
        url=url,
        key_id=settings.key_id,
        secret_key=settings.secret_key,
        symbols=own or row.watchlist,
        symbols_variable=row.symbols_variable,
        hours=lambda at: hours_of(row.calendar, at),
        mute_s=settings.mute_s,
    )
    asking = place.asking(Sender(row.source, settings.data_url, keys), settings.quota, keys[0])
    backup = _backup(place, environment)

    def publish(ticks: tuple[Tick, ...]) -> int:
        if backup is not None:
            backup.take(ticks)
        return place.publish(ticks)

    filling = Filling(dial.stream, dial.symbols, dial.hours, asking, place.database, publish, place.correct)
    return Streaming(dial=dial, place=place, filling=filling, changes_only=settings.publish == "changes", backup=backup)


def _backup(place: FeedPlace, environment: Mapping[str, str]) -> Backup | None:
    """The stream's copy in files, ended with its process; None where it is switched off."""
    settings = CsvSettings.from_env(environment)
    if settings.backup == "off":
        return None
    folder = settings.backup_of(place.row.name)
    store = CsvStore(folder, file_bytes=settings.file_bytes, total_bytes=settings.total_bytes)
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    disk = DiskWatch([there], WorkerSettings.from_env(environment).min_free_disk_mib)
    return place.stack.enter_context(Backup(store, place.counts, disk.fault))
