"""The three polled feeds, put together from settings: what they ask, how often, and what they remember."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from include.contracts.prices import Price
from include.errors import Permanent, Transient
from include.feeds import polygon
from include.feeds.alpha_vantage import AlphaVantage
from include.feeds.brapi import Brapi
from include.feeds.cache import Cache
from include.feeds.catalog import FeedRow
from include.feeds.hours import hours_of
from include.feeds.http import Key, Sender, bearer
from include.feeds.rhythm import Budget, Round, Watched, all_due, within_sessions
from include.settings import AlphaVantageSettings, BrapiSettings, PolygonSettings
from include.transport.limits import Limit, WindowState
from include.workers.feed_asking import Asking, OutOfQuota, Stopped
from include.workers.feed_place import FeedPlace
from include.workers.feed_rhythms import interval_s
from include.workers.feed_round import Planner, Poll

log = logging.getLogger(__name__)

_REFERENCE_TTL_S = 6 * 3600.0
_PLAN_TTL_S = 24 * 3600.0
_A_DAY_S = 86_400.0
_POLYGON_WAITS_S = tuple(2.0**n for n in range(6))  # 1, 2, 4 s, and on if more retries are wanted


class Polling(msgspec.Struct, frozen=True):
    """A polled feed and the seconds from the start of one round to that of the next."""

    poll: Poll
    interval_s: float


def build(row: FeedRow, place: FeedPlace, environment: Mapping[str, str], cache_file: Path) -> Polling:
    """The polled feed of ``row``. Raises ConfigurationError naming what is missing."""
    builders = {"polygon": _polygon, "brapi": _brapi, "alpha-vantage": _alpha_vantage}
    return builders[row.name](row, place, environment, cache_file)


def _polygon(row: FeedRow, place: FeedPlace, environment: Mapping[str, str], cache_file: Path) -> Polling:
    settings = PolygonSettings.from_env(environment)
    key = bearer("POLYGON_API_KEY", settings.api_key)
    asking = place.asking(
        Sender(row.source, settings.base_url, [key]), settings.quota, key, _POLYGON_WAITS_S[: settings.retry_attempts]
    )
    references = References(asking, Cache(cache_file, "polygon-reference", polygon.Reference, _REFERENCE_TTL_S))
    poll = Poll(
        feed=polygon.Polygon(),
        place=place,
        symbols=settings.symbols or row.watchlist,
        asking=asking,
        plan=_everything,
        batches=OneByOne(),
        complete=references.describe,
    )
    return Polling(poll, interval_s(row, environment))


def _brapi(row: FeedRow, place: FeedPlace, environment: Mapping[str, str], cache_file: Path) -> Polling:
    settings = BrapiSettings.from_env(environment)
    key = bearer("BRAPI_TOKEN", settings.token)
    interval = timedelta(minutes=settings.sync_interval_minutes)
    asking = place.asking(Sender(row.source, "https://brapi.dev", [key]), settings.quota, key)
    poll = Poll(
        feed=Brapi(settings.batch_size),
        place=place,
        symbols=settings.tickers or row.watchlist,
        asking=asking,
        plan=_spread(row, asking, interval),
        batches=LearnedBatches(settings.batch_size, Cache(cache_file, "brapi-plan", bool, _PLAN_TTL_S)),
    )
    return Polling(poll, interval_s(row, environment))


def _alpha_vantage(row: FeedRow, place: FeedPlace, environment: Mapping[str, str], cache_file: Path) -> Polling:
    settings = AlphaVantageSettings.from_env(environment)
    key = Key("ALPHAVANTAGE_API_KEY", settings.api_key, "query", "apikey")
    asking = place.asking(Sender(row.source, "https://www.alphavantage.co", [key]), settings.quota, key)
    poll = Poll(
        feed=AlphaVantage(),
        place=place,
        symbols=settings.symbols or row.watchlist,
        asking=asking,
        plan=_everything,
        batches=OneByOne(),
    )
    return Polling(poll, interval_s(row, environment))


class References:
    """Names and market caps of tickers, asked for once in six hours."""

    def __init__(self, asking: Asking, cache: Cache[polygon.Reference]) -> None:
        self._asking = asking
        self._cache = cache

    def describe(self, price: Price) -> Price:
        """``price`` with what is known of its ticker; a price is never held back for its name."""
        reference = self._cache.find(price.symbol)
        self._asking.counts.count_look_up(hit=reference is not None)
        if reference is None:
            try:
                reference = self._ask(price.symbol)
            except (Transient, OutOfQuota, Stopped) as reason:
                log.info("%s is sent without its name: %s", price.symbol, reason)
                return price
            self._cache.keep(price.symbol, reference)
        return polygon.describe(price, reference)

    def _ask(self, symbol: str) -> polygon.Reference:
        try:
            return self._asking.ask(polygon.ask_reference(symbol), polygon.read_reference)
        except Permanent as unknown:
            # Remembered too, or a ticker without a reference would be asked for in every round.
            log.info("nothing is known of %s: %s", symbol, unknown)
            return polygon.Reference()


class OneByOne:
    """A vendor that takes one symbol per request."""

    def size(self) -> int:
        return 1

    def refuse(self) -> None:
        """There is nothing less than one."""


class LearnedBatches:
    """As many symbols as the vendor takes; once its plan refuses several, one for a day, in every process."""

    def __init__(self, largest: int, cache: Cache[bool]) -> None:
        self._largest = largest
        self._cache = cache
        self._refused = False

    def size(self) -> int:
        return 1 if self._refused or self._largest == 1 or self._cache.find("refuses-batches") else self._largest

    def refuse(self) -> None:
        self._refused = True
        self._cache.keep("refuses-batches", True)


def _everything(watched: Sequence[Watched], _at: datetime, _batch: int) -> Round:
    return all_due(watched)


def _budget(window: WindowState) -> Budget:
    limit = Limit(window.allowed, window.window_s)
    return Budget(limit.allowed, window.left, timedelta(seconds=limit.counted_s))


def _spread(row: FeedRow, asking: Asking, interval: timedelta) -> Planner:
    def plan(watched: Sequence[Watched], at: datetime, batch: int) -> Round:
        budgets = [_budget(window) for window in asking.quota.state() if window.window_s > _A_DAY_S]
        tightest = min(budgets, key=lambda budget: budget.allowed / budget.window.total_seconds(), default=None)
        return within_sessions(watched, hours_of(row.calendar, at), at, interval, tightest, batch)

    return plan
