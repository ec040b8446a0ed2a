"""The streamed feeds against the local market, into a real broker and a real database."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from feed_trials import messages, once, requests, rows, running_feed, until

from include.contracts.prices import Tick
from include.contracts.topics import MARKET_TICKS
from include.errors import Transient
from include.feeds.catalog import row as catalog_row
from include.market.server import Market
from include.stores import feed_book
from include.stores.feed_book import FeedReport
from include.stores.postgres import Database
from include.transport.codec import decode
from include.workers.feed_place import furnish


def test_a_stream_puts_ticks_on_their_topic(environment: dict[str, str], kafka: dict[str, str]) -> None:
    summary = once("alpaca-crypto", environment)
    assert summary.sent > 0
    found = messages(kafka, MARKET_TICKS.name, summary.sent)
    ticks = [decode(message.value(), Tick) for message in found]
    assert {tick.symbol for tick in ticks} <= {"BTC/USD", "ETH/USD"}
    assert all(message.key().decode() == tick.symbol for message, tick in zip(found, ticks, strict=True))


def test_a_stream_is_reached_under_its_own_name_through_the_proxy(market: Market, environment: dict[str, str]) -> None:
    del environment["ALPACA_STREAM_URL"], environment["ALPACA_DATA_URL"]
    assert once("alpaca-crypto", environment).sent > 0
    assert requests(market, "alpaca", "stream") == 1


def test_a_stream_that_is_asked_once_gives_up_when_nobody_lets_it_in(environment: dict[str, str]) -> None:
    with socket.socket() as taken, pytest.raises(Transient, match=r"does not answer.*; tried 4 times"):
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        once("alpaca-crypto", environment, ALPACA_STREAM_URL=f"ws://127.0.0.1:{taken.getsockname()[1]}")


def test_the_time_that_a_stream_was_away_is_a_gap_and_is_filled(
    environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    away = FeedReport(
        feed="alpaca-crypto",
        state="stopped",
        started_at=datetime.now(UTC),
        last_message_at=datetime.now(UTC) - timedelta(minutes=1),
    )
    with database.transaction() as connection:
        feed_book.report(connection, away)
    with running_feed("alpaca-crypto", environment | {"ALPACA_PUBLISH": "all"}):
        until(lambda: rows(database, "SELECT 1 FROM feed_gaps WHERE state = 'filled'"))
    ((reason, ticks),) = rows(database, "SELECT reason, ticks FROM feed_gaps")
    # Two symbols, four ticks a second each, for a minute and the little that starting took.
    assert reason == "the feed was not running"
    assert 480 <= ticks <= 800
    assert len(messages(kafka, MARKET_TICKS.name, ticks)) == ticks


def test_a_lost_connection_is_a_gap_and_nothing_is_lost(
    market: Market, environment: dict[str, str], kafka: dict[str, str], database: Database
) -> None:
    with running_feed("alpaca-crypto", environment | {"ALPACA_PUBLISH": "all"}) as found:
        until(lambda: rows(database, "SELECT 1 FROM feed_states WHERE sent > 0"))
        market.strike("stream-frame", "drop")
        until(lambda: rows(database, "SELECT 1 FROM feed_gaps WHERE state = 'filled'"))
    ticks = {decode(m.value(), Tick) for m in messages(kafka, MARKET_TICKS.name, found[0].sent)}
    for symbol in ("BTC/USD", "ETH/USD"):
        moments = sorted(tick.ticked_at for tick in ticks if tick.symbol == symbol)
        steps = {round((after - before).total_seconds(), 3) for before, after in pairwise(moments)}
        assert steps == {0.25}  # the market's rhythm, without a hole


def test_a_tick_of_a_wrong_clock_hides_no_gap_to_come(environment: dict[str, str]) -> None:
    with ExitStack() as stack:
        place = furnish(stack, catalog_row("alpaca-crypto"), environment, threading.Event())
        ahead = datetime.now(UTC) + timedelta(hours=12)
        tick = Tick(
            schema_version=1,
            tick_id=1,
            feed="alpaca-crypto",
            symbol="BTC/USD",
            kind="trade",
            ticked_at=ahead,
            price=1.0,
        )
        place.publish([tick])
        assert place.counts.last_message_at is not None
        assert place.counts.last_message_at <= datetime.now(UTC)
