"""Prices from five feeds into the stores, in the stack that the other tests have started."""

from __future__ import annotations

import signal
from datetime import UTC, datetime

import httpx
import psycopg2
import pymongo
import pytest

from end_to_end.stack import Rest, Stack, wait
from include.settings import DatabaseSettings

pytestmark = [pytest.mark.stack, pytest.mark.airflow]


def _number(stack: Stack, query: str) -> int:
    connection = psycopg2.connect(**DatabaseSettings.from_env(stack.variables).connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
            return int(row[0]) if row else 0
    finally:
        connection.close()


def _documents(stack: Stack) -> int:
    with pymongo.MongoClient[dict[str, object]](stack.variables["MONGO_URL"]) as client:
        return client.get_default_database()["price_history"].count_documents({})


def test_ticks_of_both_streams_reach_their_table_and_become_bars(stack: Stack) -> None:
    feeds = "SELECT count(DISTINCT feed) FROM market_ticks"
    wait(lambda: _number(stack, feeds) == 2, "ticks of both streams are there")
    wait(lambda: _number(stack, "SELECT count(*) FROM bars_1m") > 0, "a bar is made")


def test_prices_of_the_feeds_that_airflow_asks_reach_their_stores(stack: Stack) -> None:
    sources = "SELECT count(DISTINCT source) FROM price_history WHERE source IN ('polygon', 'alpha-vantage')"
    wait(lambda: _number(stack, sources) == 2, "prices of Polygon and Alpha Vantage are there")
    wait(lambda: _documents(stack) > 0, "Brapi's documents are in MongoDB")


def test_the_feeds_page_is_for_those_who_are_signed_in(stack: Stack, rest: Rest) -> None:
    page = f"{stack.variables['AIRFLOW_URL']}/stocks/feeds"
    assert httpx.get(page, trust_env=False, timeout=60).status_code == 401
    page = rest.page("/stocks/feeds")
    assert page.status_code == 200
    for title in ("Polygon", "Brapi", "Alpha Vantage", "Alpaca stocks", "Alpaca crypto"):
        assert title in page.text


@pytest.mark.parametrize(("name", "word"), [("feed-alpaca-crypto", "alpaca-crypto"), ("sink-1", "sink-1")])
def test_a_killed_part_comes_back_and_ticks_go_on(stack: Stack, name: str, word: str) -> None:
    stack.process(word).send_signal(signal.SIGKILL)
    wait(lambda: f"{name} was killed by signal 9" in stack.said, "it was noticed")
    wait(lambda: f"{name} runs again" in stack.said, "it runs again")
    later = f"SELECT count(*) FROM market_ticks WHERE ticked_at > '{datetime.now(UTC).isoformat()}'"
    wait(lambda: _number(stack, later) > 0, "new ticks are written")
