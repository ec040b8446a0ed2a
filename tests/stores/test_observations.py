"""Statements, quotes and rates are kept as they were observed, on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from include.contracts.fundamentals import ExchangeRate, Fundamentals, Statement
from include.contracts.quotes import Quote
from include.stores import fundamentals, quotes, rates
from include.stores.postgres import Database

pytestmark = pytest.mark.stack

MONDAY = datetime(2026, 11, 16, 22, tzinfo=UTC)
TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=n) for n in (1, 2, 3))


def _seen(at: datetime, revenue: float, *, currencies: dict[str, str] | None = None) -> Fundamentals:
    lines = {"TotalRevenue": revenue, "CapitalExpenditure": -9.5}
    statement = Statement("annual", date(2025, 9, 30), "CNY", lines, currencies or {}, 12)
    return Fundamentals("BABA", at, (statement,))


def _store(database: Database, seen: Fundamentals) -> int:
    with database.transaction() as connection:
        return fundamentals.store(connection, seen)


def _as_of(database: Database, moment: datetime) -> Fundamentals | None:
    with database.transaction() as connection:
        return fundamentals.as_of(connection, "BABA", moment)


def test_an_unchanged_answer_adds_nothing(database: Database) -> None:
    assert _store(database, _seen(MONDAY, 941.0)) == 1
    assert _store(database, _seen(TUESDAY, 941.0)) == 0
    with database.transaction() as connection:
        assert fundamentals.first_seen(connection, "BABA") == MONDAY
        assert fundamentals.first_seen(connection, "AAPL") is None


def test_a_restated_value_is_not_known_before_it_was_seen(database: Database) -> None:
    first, restated = _seen(MONDAY, 941.0, currencies={"DilutedEPS": "USD"}), _seen(WEDNESDAY, 950.0)
    _store(database, first)
    _store(database, restated)
    assert _as_of(database, MONDAY - timedelta(seconds=1)) is None
    assert _as_of(database, TUESDAY) == first
    assert _as_of(database, THURSDAY) == restated


def test_a_value_that_is_restated_back_is_what_counts_again(database: Database) -> None:
    for at, revenue in ((MONDAY, 941.0), (TUESDAY, 950.0), (WEDNESDAY, 941.0)):
        assert _store(database, _seen(at, revenue)) == 1
    found = _as_of(database, THURSDAY)
    assert found is not None
    assert found.statements[0].lines["TotalRevenue"] == 941.0


def test_a_quote_is_kept_once_per_observation(database: Database) -> None:
    quote = Quote(symbol="TSCO.L", region="gb", observed_at=MONDAY, currency="GBp", price=402.1, price_at=MONDAY)
    later = Quote(symbol="TSCO.L", region="gb", observed_at=TUESDAY, currency="GBp", price=400.0, price_at=TUESDAY)
    with database.transaction() as connection:
        for seen in (quote, quote, later):
            quotes.store(connection, seen)
        assert quotes.as_of(connection, "TSCO.L", MONDAY) == quote
        assert quotes.as_of(connection, "TSCO.L", WEDNESDAY) == later
        assert quotes.as_of(connection, "TSCO.L", MONDAY - timedelta(days=1)) is None


def test_the_latest_rate_that_was_known_is_used(database: Database) -> None:
    pound, dearer = ExchangeRate("GBP", "USD", 1.25, MONDAY), ExchangeRate("GBP", "USD", 1.30, WEDNESDAY)
    with database.transaction() as connection:
        rates.store(connection, [pound], MONDAY)
        rates.store(connection, [dearer, pound], WEDNESDAY)
        ever = datetime(1970, 1, 1, tzinfo=UTC)
        assert rates.observed(connection, ["GBP", "JPY"], "USD", ever, TUESDAY) == [pound]
        assert rates.observed(connection, ["GBP"], "USD", ever, THURSDAY) == [dearer]
        assert rates.observed(connection, ["GBP"], "USD", WEDNESDAY, THURSDAY) == []
