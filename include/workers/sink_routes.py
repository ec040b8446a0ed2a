"""The routes of the sink: one row per store and topic. Each has a consumer group, a thread and a store of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from include.contracts.corrections import TickCorrection
from include.contracts.prices import Price, PriceMovement, Tick, TradingAsset
from include.contracts.topics import MARKET_TICKS, PRICE_ALERTS, STOCK_PRICES, TICK_CORRECTIONS, TRADING_ASSETS, Topic
from include.errors import ConfigurationError
from include.settings import CsvSettings, Environment, MongoSettings, SqliteSettings
from include.stores.base import Store
from include.stores.postgres import Database

_MIB = 2**20


class Place(msgspec.Struct, frozen=True):
    """What a store may be made of: the settings, and the process's PostgreSQL."""

    environment: Environment
    database: Database


class Route(msgspec.Struct, frozen=True):
    """One topic into one store.

    ``open`` makes the store; ``unset`` says which setting is missing for it, None if it can be made;
    ``wanted`` tells the messages that the store is for.
    """

    store: str
    topic: Topic
    kind: type
    open: Callable[[Place], Store[Any]]
    unset: Callable[[Environment], str | None] = lambda _environment: None
    wanted: Callable[[Any], bool] | None = None

    @property
    def name(self) -> str:
        """What ``--only`` calls it."""
        return f"{self.store}:{self.topic.name}"

    @property
    def group(self) -> str:
        """Its consumer group: a store that is away holds up nobody but itself."""
        return f"stocks-sink-{self.store}-{self.topic.name}"


def _ticks(place: Place) -> Store[Tick]:
    from include.stores.ticks import TickStore

    return TickStore(place.database)


def _corrections(place: Place) -> Store[TickCorrection]:
    from include.stores.corrections import CorrectionStore

    return CorrectionStore(place.database)


def _prices(place: Place) -> Store[Price]:
    from include.stores.prices import PriceStore

    return PriceStore(place.database)


def _movements(place: Place) -> Store[PriceMovement]:
    from include.stores.movements import MovementStore

    return MovementStore(place.database)


def _documents(place: Place) -> Store[TradingAsset]:
    from include.stores.mongo import MongoStore

    settings = MongoSettings.from_env(place.environment)
    return MongoStore(settings.url, kept_days=settings.kept_days)


def _sqlite(place: Place) -> Store[Price]:
    from include.stores.sqlite import SqliteStore

    settings = SqliteSettings.from_env(place.environment)
    return SqliteStore(settings.file, kept_days=settings.kept_days)


def _csv(place: Place) -> Store[Tick]:
    from include.stores.csv_ticks import CsvStore

    settings = CsvSettings.from_env(place.environment)
    if settings.folder is None:
        raise ConfigurationError("CSV_FOLDER is not set. It expects: a folder for the sink's CSV files")
    return CsvStore(
        settings.folder,
        file_bytes=int(settings.file_mib * _MIB),
        total_bytes=int(settings.total_mib * _MIB),
    )


def _needs(variable: str) -> Callable[[Environment], str | None]:
    return lambda environment: None if environment.get(variable) else f"{variable} is not set"


ROUTES: tuple[Route, ...] = (
    Route("postgres", MARKET_TICKS, Tick, _ticks),
    Route("postgres", TICK_CORRECTIONS, TickCorrection, _corrections),
    Route("postgres", STOCK_PRICES, Price, _prices),
    Route("postgres", PRICE_ALERTS, PriceMovement, _movements),
    Route("mongo", TRADING_ASSETS, TradingAsset, _documents, unset=_needs("MONGO_URL")),
    Route("sqlite", STOCK_PRICES, Price, _sqlite, wanted=lambda price: price.source == "alpha-vantage"),
    Route("csv", MARKET_TICKS, Tick, _csv, unset=_needs("CSV_FOLDER")),
)
