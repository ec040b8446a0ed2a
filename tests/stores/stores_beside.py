"""The trials of the stores beside PostgreSQL: MongoDB, SQLite and CSV files."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo import MongoClient
from relay import Relay
from store_messages import ENDLESS, NO_ZONE, PATIENCE_S, POISON, asset, price, tick

from include.contracts.prices import Price, Tick, TradingAsset
from include.stores.csv_ticks import CsvStore
from include.stores.mongo import MongoStore
from include.stores.sqlite import SqliteStore
from include.stores.tick_csv import decode

Place = Mapping[str, Any]


class SqlitePrices:
    """Prices in a file."""

    message = staticmethod(price)

    def place(self, request: pytest.FixtureRequest) -> Place:
        return {"file": str(request.getfixturevalue("tmp_path") / "prices.sqlite3")}

    def open(self, place: Place, patience_s: float = PATIENCE_S) -> SqliteStore:
        return SqliteStore(Path(place["file"]), kept_days=36_500, locked_s=patience_s)  # the trials' prices get old

    def key(self, message: Price) -> object:
        return message.price_id, message.price

    def rows(self, place: Place) -> list[object]:
        connection = sqlite3.connect(place["file"])
        try:
            return list(connection.execute("SELECT price_id, price FROM prices"))
        finally:
            connection.close()

    def poison(self) -> Sequence[Price]:
        endless = price(1, price_at=ENDLESS), price(1, price_at=NO_ZONE)
        return [*(price(1, **changed) for changed in POISON), *endless, price(1, trades=2**70)]

    @contextmanager
    def away(self, place: Place) -> Iterator[None]:
        """Another process has it all to itself."""
        connection = sqlite3.connect(place["file"], isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.close()


class CsvTicks:
    """Ticks in a folder of small files, so that some are closed."""

    message = staticmethod(tick)

    def place(self, request: pytest.FixtureRequest) -> Place:
        return {"folder": str(request.getfixturevalue("tmp_path") / "ticks")}

    def open(self, place: Place, patience_s: float = PATIENCE_S) -> CsvStore:
        return CsvStore(Path(place["folder"]), file_bytes=5_000)

    def key(self, message: Tick) -> object:
        return message.ticked_at, message.symbol, message.tick_id, message.price

    def rows(self, place: Place) -> list[object]:
        # The number comes first; a kill may leave a file beside its compressed form, which counts.
        folder = Path(place["folder"])
        files = {file.name.partition("_")[0]: file for ending in ("*.csv", "*.csv.gz") for file in folder.glob(ending)}
        return [self.key(decode(line)) for file in files.values() for line in self._whole_lines(file)]

    def _whole_lines(self, file: Path) -> list[str]:
        content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        return [line.decode() for line in content.splitlines(keepends=True)[1:] if line.endswith(b"\n")]

    def poison(self) -> Sequence[Tick]:
        endless = tick(1, ticked_at=ENDLESS), tick(1, ticked_at=NO_ZONE)
        return [*(tick(1, **changed) for changed in POISON), *endless, tick(1, symbol="A\nB"), tick(1, symbol="")]

    @contextmanager
    def away(self, place: Place) -> Iterator[None]:
        """Something else stands where the folder was."""
        folder = Path(place["folder"])
        folder.rename(folder.with_name("aside"))
        folder.touch()
        try:
            yield
        finally:
            folder.unlink()
            folder.with_name("aside").rename(folder)


class MongoAssets:
    """Trading assets in a database of the stand-in, reached through a relay that can be cut."""

    message = staticmethod(asset)

    def place(self, request: pytest.FixtureRequest) -> Place:
        url, _, _options = request.getfixturevalue("mongo").partition("?")
        relay = Relay(int(url.rpartition(":")[2].partition("/")[0]))
        request.addfinalizer(relay.cut)
        self._relay = relay
        return {"url": f"mongodb://127.0.0.1:{relay.port}/{url.rpartition('/')[2]}", "direct": url}

    def open(self, place: Place, patience_s: float = PATIENCE_S) -> MongoStore:
        patience_ms = int(patience_s * 1000)
        options = f"serverSelectionTimeoutMS={patience_ms}&connectTimeoutMS={patience_ms}&socketTimeoutMS=60000"
        return MongoStore(SecretStr(f"{place['url']}?{options}"))

    def key(self, message: TradingAsset) -> object:
        return message.ticker, message.updated_at, message.price

    def rows(self, place: Place) -> list[object]:
        with MongoClient[dict[str, Any]](place["direct"], tz_aware=True) as client:
            found = list(client.get_default_database()["price_history"].find())
        assert all(isinstance(document["created_at"], datetime) for document in found)
        return [(d["ticker"], d["updated_at"].astimezone(UTC), d["price"]) for d in found]

    def poison(self) -> Sequence[TradingAsset]:
        named = [{"ticker" if name == "symbol" else name: value for name, value in wrong.items()} for wrong in POISON]
        endless = asset(1, updated_at=ENDLESS), asset(1, updated_at=NO_ZONE)
        return [*(asset(1, **changed) for changed in named), *endless]

    @contextmanager
    def away(self, place: Place) -> Iterator[None]:
        """Nobody answers at its port, and who was connected is cut off."""
        self._relay.cut()
        try:
            yield
        finally:
            self._relay.mend()
