"""A feed that is killed in the middle of its work loses nothing that the vendor still tells, and doubles nothing."""

from __future__ import annotations

from feed_trials import Process, rows, until

from include.market.server import Market
from include.stores.postgres import Database

# The market's rhythm: four ticks a second of every symbol.
HOLES = """
SELECT symbol, ticked_at FROM (
    SELECT symbol, ticked_at, ticked_at - lag(ticked_at) OVER (PARTITION BY symbol ORDER BY ticked_at) AS step
    FROM market_ticks
) AS steps WHERE step <> interval '250 milliseconds'
"""


def test_a_stream_that_is_killed_and_started_again_has_every_tick_once(
    market: Market, environment: dict[str, str], database: Database
) -> None:
    surroundings = environment | {"ALPACA_PUBLISH": "all"}
    with Process(surroundings, "worker", "sink", "--only", "postgres:market_ticks") as sink:
        for _kill in range(2):
            with Process(surroundings, "feed", "alpaca-crypto") as feed:
                _hears_something_new(database)
                feed.kill()
        with Process(surroundings, "feed", "alpaca-crypto") as feed:
            _hears_something_new(database)
            until(lambda: not rows(database, "SELECT 1 FROM feed_gaps WHERE state <> 'filled'"))
            assert feed.end()[0] == 0
        ((sent_until,),) = rows(database, "SELECT last_message_at FROM feed_states")
        until(lambda: rows(database, "SELECT max(ticked_at) FROM market_ticks") == [(sent_until,)])
        until(lambda: not rows(database, HOLES))
        assert sink.end()[0] == 0
    # One gap for each kill, at least: a connection may be lost as well.
    assert len(rows(database, "SELECT 1 FROM feed_gaps")) >= 2
    assert rows(database, "SELECT symbol, ticked_at FROM market_ticks GROUP BY 1, 2 HAVING count(*) > 1") == []


def _hears_something_new(database: Database) -> None:
    """Wait for ticks of the process that runs now: acknowledged by its own books, and in the table."""
    ((known,),) = rows(database, "SELECT coalesce(max(last_message_at), '-infinity')::text FROM feed_states")
    until(lambda: rows(database, f"SELECT 1 FROM feed_states WHERE sent > 0 AND last_message_at > '{known}'"))
    until(lambda: rows(database, f"SELECT 1 FROM market_ticks WHERE ticked_at > '{known}'"))


def test_a_round_that_is_killed_is_asked_again_and_its_prices_are_one_row_each(
    market: Market, environment: dict[str, str], database: Database
) -> None:
    symbols = [f"SYM{n}" for n in range(12)]
    surroundings = environment | {"POLYGON_SYMBOLS": ",".join(symbols)}
    with Process(surroundings, "worker", "sink", "--only", "postgres:stock-prices") as sink:
        with Process(surroundings | {"POLYGON_QUOTA": "1/s"}, "feed", "polygon") as feed:
            until(lambda: rows(database, "SELECT 1 FROM feed_symbols"))
            feed.kill()
        assert len(rows(database, "SELECT 1 FROM feed_symbols")) < len(symbols)
        with Process(surroundings, "feed", "polygon", "--once"):
            until(lambda: rows(database, "SELECT 1 FROM feed_states WHERE state = 'stopped'"))
        until(lambda: len(rows(database, "SELECT DISTINCT symbol FROM price_history")) == len(symbols))
        assert sink.end()[0] == 0
    kept = rows(database, "SELECT symbol, count(*) FROM price_history GROUP BY symbol")
    assert dict(kept) == dict.fromkeys(symbols, 1)
