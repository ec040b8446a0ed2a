"""The catalogue and the table must not drift apart."""

from __future__ import annotations

import pytest

from include.ratios.catalog import CATALOG, comment
from include.stores.postgres import Database

pytestmark = pytest.mark.stack

_COLUMNS = """
    SELECT column_name, data_type, col_description('financial_ratios'::regclass, ordinal_position::int)
    FROM information_schema.columns WHERE table_name = 'financial_ratios' AND data_type = 'double precision'
    ORDER BY ordinal_position
"""


def test_the_table_has_one_commented_column_per_ratio_in_the_order_of_the_catalogue(database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        found = cursor.fetchall()

    assert [name for name, _, _ in found] == list(CATALOG)
    assert {name: text for name, _, text in found} == {name: comment(one) for name, one in CATALOG.items()}


def test_an_analyst_finds_what_every_column_holds_on_the_view_too(database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, col_description('latest_ratios'::regclass, ordinal_position::int)"
            " FROM information_schema.columns WHERE table_name = 'latest_ratios'"
        )
        found = dict(cursor.fetchall())

    assert {name: found[name] for name in CATALOG} == {name: comment(one) for name, one in CATALOG.items()}
    assert all(found.values())


def test_latest_ratios_is_the_trailing_year_unless_a_fiscal_year_is_newer(database: Database) -> None:
    rows = [
        ("BOTH", "annual", "2024-09-30", "{}", 1.0),
        ("BOTH", "trailing", "2024-12-31", "{}", 2.0),
        ("BOTH", "quarterly", "2025-03-31", "{}", 3.0),
        ("SAME", "annual", "2024-12-28", "{}", 1.0),
        ("SAME", "trailing", "2024-12-31", "{}", 2.0),
        ("OLD", "annual", "2024-12-31", "{}", 1.0),
        ("OLD", "trailing", "2024-06-30", "{}", 2.0),
        ("YEARLY", "annual", "2023-12-31", "{}", 1.0),
        ("YEARLY", "annual", "2024-12-31", "{}", 2.0),
        ("BROKEN", "annual", "2024-12-31", "{}", 1.0),
        ("BROKEN", "trailing", "2025-03-31", '{"trailing": "rejected: its quarters do not follow each other"}', 2.0),
    ]
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO stocks (symbol, region, name, last_seen_at) VALUES ('BOTH', 'us', 'Both', now())")
        for row in rows:
            cursor.execute(
                "INSERT INTO financial_ratios (symbol, period_type, period_end, provenance, current_ratio, observed_at)"
                " VALUES (%s, %s, %s, %s, %s, now())",
                row,
            )
        cursor.execute("SELECT symbol, name, period_type, current_ratio FROM latest_ratios ORDER BY symbol")
        found = cursor.fetchall()

    assert found == [
        ("BOTH", "Both", "trailing", 2.0),
        ("BROKEN", None, "annual", 1.0),
        ("OLD", None, "annual", 1.0),
        ("SAME", None, "trailing", 2.0),
        ("YEARLY", None, "annual", 2.0),
    ]
