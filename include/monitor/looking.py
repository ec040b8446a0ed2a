"""From the tables to one reading: every question in one transaction, then plain arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime, timedelta

import msgspec

from include.contracts.prices import PriceMovement
from include.errors import ConfigurationError
from include.feeds.catalog import CATALOG, FeedRow
from include.feeds.hours import AlwaysOpen, Hours, Sessions, hours_of, is_open
from include.monitor import rows
from include.monitor.judging import Evidence, judge
from include.monitor.reading import FeedReading, Market, Reading, SymbolReading
from include.monitor.routes import route_lags
from include.settings import DatabaseSettings, WorkerSettings
from include.stores import feed_book, movements
from include.stores.feed_book import Gap
from include.stores.postgres import Database
from include.stores.postgres_refusal import our_schema
from include.transport.budgets import Budget, Plan, budgets
from include.transport.limits import parse_limits
from include.workers import feed_rhythms

# A feed that runs elsewhere: how often it is asked is not known here.
_UNKNOWN_PATIENCE_S = 3600.0
_A_DAY = timedelta(days=1)
_SHORTLY_S = 3
_MOVEMENTS = 20

Calendar = Callable[[str | None, datetime], Hours]


class _Tables(msgspec.Struct, frozen=True, kw_only=True):
    now: datetime
    states: dict[str, rows.State]
    symbols: dict[str, dict[str, SymbolReading]]
    gaps: tuple[Gap, ...]
    gap_counts: dict[str, dict[str, int]]
    movements: tuple[PriceMovement, ...]
    trades: dict[str, tuple[int, ...]]
    quotas: list[Budget]


def look(database: Database, env: Mapping[str, str], calendar: Calendar = hours_of) -> Reading:
    """Everything about the feeds, now. Draws no quota and changes nothing.

    ``env`` tells which feeds are configured here. Raises Transient when the database does not answer,
    ConfigurationError when its schema is older than this program.
    """
    with our_schema():
        tables = _read(database, env)
    lags, unknown = route_lags(env)
    return Reading(
        read_at=tables.now,
        feeds=tuple(_feed(row, tables, env, calendar) for row in CATALOG),
        quotas=tuple(tables.quotas),
        gaps=tables.gaps,
        movements=tables.movements,
        routes=lags,
        routes_unknown=unknown,
    )


def glance(env: Mapping[str, str]) -> Reading:
    """``look`` with a connection of its own, for whoever looks seldom and must not be kept waiting. Raises as it."""
    parameters = DatabaseSettings.from_env(env).connection | {"connect_timeout": _SHORTLY_S}
    with closing(Database(parameters, size=1)) as database:
        return look(database, env)


def _read(database: Database, env: Mapping[str, str]) -> _Tables:
    with database.transaction() as connection:
        now = rows.clock(connection)
        return _Tables(
            now=now,
            states=rows.states(connection),
            symbols=rows.symbols(connection),
            gaps=rows.gaps(connection),
            gap_counts=feed_book.gap_counts(connection),
            movements=tuple(movements.recent(connection, now - _A_DAY, limit=_MOVEMENTS)),
            trades=rows.trades_per_minute(connection, now),
            quotas=budgets(connection, list(dict.fromkeys(_plans(env)))),
        )


def _plans(env: Mapping[str, str]) -> Iterator[Plan]:
    """What the configured sources allow; feeds of one source share its plan."""
    for row in CATALOG:
        if feed_rhythms.lacking(row, env) is None:
            yield feed_rhythms.plan(row, env)
    with suppress(ConfigurationError):  # of the workers, who say so themselves
        if limits := parse_limits(WorkerSettings.from_env(env).yahoo_quota):
            yield Plan("yahoo", limits)


def _feed(row: FeedRow, tables: _Tables, env: Mapping[str, str], calendar: Calendar) -> FeedReading:
    lacks = feed_rhythms.lacking(row, env)
    state = tables.states.get(row.name)
    known = tables.symbols.get(row.name, {})
    answered = [symbol.answered_at for symbol in known.values() if symbol.answered_at]
    report = state.report if state else None
    heard_at = max(answered, default=None) if row.polls else (report.last_message_at if report else None)
    # What a feed's market does matters once the feed has run, and costs a second to learn.
    hours = calendar(row.calendar, tables.now) if state else AlwaysOpen()
    evidence = Evidence(
        polls=row.polls,
        now=tables.now,
        hours=hours,
        patience_s=_UNKNOWN_PATIENCE_S if lacks else feed_rhythms.patience_s(row, env),
        lacks=lacks,
        report=report,
        updated_at=state.updated_at if state else None,
        heard_at=heard_at,
    )
    standing, why = judge(evidence)
    reading = FeedReading(
        name=row.name,
        title=row.title,
        topic=row.topic.name,
        polls=row.polls,
        standing=standing,
        why=why,
        lacks=lacks,
        heard_at=heard_at,
        patience_s=None if lacks else evidence.patience_s,
        market=_market(row.calendar, hours, tables.now) if row.calendar and state else None,
        symbols=_symbols(row, known, env) if lacks is None else tuple(known.values()),
        gaps=tables.gap_counts.get(row.name, {}),
        trades_per_minute=tables.trades.get(row.name, ()),
    )
    return _with_report(reading, state) if state else reading


def _with_report(reading: FeedReading, state: rows.State) -> FeedReading:
    report = state.report
    tried, looked_up = report.sent + report.failed, report.cache_hits + report.cache_misses
    return msgspec.structs.replace(
        reading,
        state=report.state,
        detail=report.detail,
        started_at=report.started_at,
        updated_at=state.updated_at,
        last_message_at=report.last_message_at,
        sent=report.sent,
        failed=report.failed,
        success_rate=report.sent / tried if tried else None,
        cache_hits=report.cache_hits,
        cache_misses=report.cache_misses,
        cache_hit_rate=report.cache_hits / looked_up if looked_up else None,
    )


def _symbols(row: FeedRow, known: dict[str, SymbolReading], env: Mapping[str, str]) -> tuple[SymbolReading, ...]:
    """The watched symbols of a feed that is asked; what is watched no longer is left out."""
    if not row.polls:
        return ()
    never = (None, None, None)
    return tuple(known.get(symbol) or SymbolReading(symbol, *never) for symbol in feed_rhythms.watched(row, env))


def _market(calendar: str, hours: Hours, now: datetime) -> Market:
    trades = is_open(hours, now)
    spans = hours.spans if isinstance(hours, Sessions) else ()
    sessions = tuple((opens, closes) for opens, closes in spans if closes > now - _A_DAY and opens <= now)
    closes_at = sessions[-1][1] if trades and sessions else None
    return Market(calendar, trades, closes_at if trades else hours.next_open(now), sessions)
