"""Price movements in PostgreSQL: a store like the others, and the latest of them for those who watch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from include.contracts.prices import PriceMovement
from include.stores import partitions
from include.stores.base import Refusal, Written
from include.stores.keepable import fault, id_fault, month_fault
from include.stores.postgres import Database
from include.stores.writing import writing

_TABLE = "price_movements"
_FIELDS = (
    *("moved_to_at", "movement_id", "source", "symbol", "window_s"),
    *("percent", "price_before", "price_after", "moved_from_at"),
)
_INSERT = """
INSERT INTO price_movements
    (moved_to_at, movement_id, source, symbol, window_s, percent, price_before, price_after, moved_from_at)
VALUES %s ON CONFLICT DO NOTHING RETURNING 1
"""
_RECENT = """
SELECT movement_id::text, source, symbol, window_s, percent, price_before, price_after, moved_from_at, moved_to_at
FROM price_movements WHERE moved_to_at >= %s ORDER BY moved_to_at DESC, symbol LIMIT %s
"""


class MovementStore:
    """The table ``price_movements``: each movement once, by its id."""

    name = "postgres-movements"

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, messages: Sequence[PriceMovement]) -> Written:
        """Keep them. Raises Transient when the database is away or refuses for now."""
        refused = [Refusal(n, why) for n, m in enumerate(messages) if (why := _fault(m)) is not None]
        wrong = {refusal.position for refusal in refused}
        kept = [m for n, m in enumerate(messages) if n not in wrong]
        if not kept:
            return Written(0, tuple(refused))
        # In one order: two writers of the same movements wait for each other, and neither for ever.
        kept.sort(key=lambda movement: movement.movement_id)
        rows = [[getattr(movement, field) for field in _FIELDS] for movement in kept]
        with writing(self._database, _TABLE) as connection:
            partitions.ensure(connection, _TABLE, [m.moved_to_at for m in kept])
        with writing(self._database, _TABLE) as connection, connection.cursor() as cursor:
            new = len(execute_values(cursor, _INSERT, rows, page_size=1000, fetch=True))
        return Written(new, tuple(refused))

    def close(self) -> None:
        """Nothing of its own: the database belongs to the process."""


def recent(connection: Connection, since: datetime, *, limit: int = 100) -> list[PriceMovement]:
    """The movements that were complete at ``since`` or later, newest first, at most ``limit``."""
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, [since, limit])
        names = [column.name for column in cursor.description or ()]
        return [PriceMovement(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _fault(movement: PriceMovement) -> str | None:
    """Why this can never be a row; None if it can."""
    return (
        fault(movement)
        or month_fault("moved_from_at", movement.moved_from_at)
        or month_fault("moved_to_at", movement.moved_to_at)
        or id_fault("movement_id", movement.movement_id)
    )
