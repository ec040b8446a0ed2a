"""Rows find a partition, whoever made it, and old ones go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from include.stores import partitions
from include.stores.postgres import Database

INSERT = """
INSERT INTO market_ticks (ticked_at, symbol, tick_id, feed, kind, price) VALUES (%s, 'AAPL', 1, 'f', 'trade', 1)
"""


def test_a_partition_holds_one_utc_day_of_ticks_and_one_month_of_bars(database: Database) -> None:
    late, early = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    with database.transaction() as connection:
        assert partitions.ensure(connection, "market_ticks", [late, early]) == [
            "market_ticks_20260228",
            "market_ticks_20260301",
        ]
        assert partitions.ensure(connection, "bars_1m", [late]) == ["bars_1m_20260201"]
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(INSERT, [late])
        cursor.execute(INSERT, [early])
        cursor.execute("SELECT tableoid::regclass::text FROM market_ticks ORDER BY ticked_at")
        assert [row[0] for row in cursor.fetchall()] == ["market_ticks_20260228", "market_ticks_20260301"]


def test_two_writers_may_make_the_same_partition(database: Database) -> None:
    def make(_number: int) -> list[str]:
        with database.transaction() as connection:
            return partitions.ensure(connection, "market_ticks", [datetime(2026, 3, 1, tzinfo=UTC)])

    with ThreadPoolExecutor(4) as pool:
        made = [name for names in pool.map(make, range(8)) for name in names]
    assert made == ["market_ticks_20260301"]


def test_a_partition_is_made_while_somebody_reads_and_somebody_writes_the_table(database: Database) -> None:
    today, tomorrow = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
    with database.transaction() as connection:
        partitions.ensure(connection, "market_ticks", [today])
    with database.transaction() as reading, database.transaction() as writing:
        reading.cursor().execute("SELECT count(*) FROM market_ticks")
        writing.cursor().execute(INSERT, [today])
        with database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")  # it would wait for both, and they for this test
            partitions.ensure(connection, "market_ticks", [tomorrow])
            cursor.execute(INSERT, [tomorrow])
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT tableoid) FROM market_ticks")
        assert cursor.fetchone() == (2, 2)


def test_a_partition_has_its_tables_key_defaults_and_limits(database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        partitions.ensure(connection, "bars_1m", [datetime(2026, 3, 1, tzinfo=UTC)])
        cursor.execute(
            "SELECT indisprimary, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = 'bars_1m_20260301'::regclass ORDER BY 1 DESC"
        )
        indexes = cursor.fetchall()
        cursor.execute(
            "SELECT count(*) FILTER (WHERE is_nullable = 'NO'), count(column_default)"
            " FROM information_schema.columns WHERE table_name = ANY(%s) GROUP BY table_name",
            [["bars_1m", "bars_1m_20260301"]],
        )
        of_table, of_partition = cursor.fetchall()
    assert indexes[0][0]
    assert "(bar_at, feed, symbol)" in indexes[0][1]
    assert any("(symbol, bar_at)" in index for _primary, index in indexes)
    assert of_table == of_partition


def test_old_partitions_are_dropped_and_the_one_in_question_stays(database: Database) -> None:
    days = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    with database.transaction() as connection:
        partitions.ensure(connection, "market_ticks", days)
        assert partitions.drop_before(connection, "market_ticks", days[1]) == ["market_ticks_20260301"]
        assert partitions.ensure(connection, "market_ticks", days) == ["market_ticks_20260301"]
