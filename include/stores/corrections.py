"""What vendors took back, as they said it: the table ``tick_corrections``. ``correcting`` applies it."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg2.extras import execute_values

from include.contracts.corrections import TickCorrection
from include.stores.base import Refusal, Written
from include.stores.keepable import fault, id_fault
from include.stores.postgres import Database
from include.stores.writing import writing

_TABLE = "tick_corrections"
# In the order in which rows are written and read.
FIELDS = (
    *("correction_id", "feed", "symbol", "trade", "price", "size", "exchange", "told_at", "ticked_at"),
    *("new_trade", "new_price", "new_size", "new_conditions"),
)
_INSERT = f"INSERT INTO {_TABLE} ({', '.join(FIELDS)}) VALUES %s ON CONFLICT DO NOTHING RETURNING 1"  # noqa: S608 - our own


class CorrectionStore:
    """Keeps each correction once, by its id; the maker of bars applies it a moment later."""

    name = "postgres-corrections"

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, messages: Sequence[TickCorrection]) -> Written:
        """Keep them. Raises Transient when the database is away or refuses for now."""
        refused = [Refusal(n, why) for n, m in enumerate(messages) if (why := _fault(m)) is not None]
        wrong = {refusal.position for refusal in refused}
        # In one order: two writers of the same corrections wait for each other, and neither for ever.
        kept = sorted((m for n, m in enumerate(messages) if n not in wrong), key=lambda m: m.correction_id)
        if not kept:
            return Written(0, tuple(refused))
        with writing(self._database, _TABLE) as connection, connection.cursor() as cursor:
            new = len(execute_values(cursor, _INSERT, list(map(_row, kept)), page_size=1000, fetch=True))
        return Written(new, tuple(refused))

    def close(self) -> None:
        """Nothing of its own: the database belongs to the process."""


def _row(correction: TickCorrection) -> list[object]:
    values = [getattr(correction, field) for field in FIELDS]
    return [list(value) if isinstance(value, tuple) else value for value in values]


def _fault(correction: TickCorrection) -> str | None:
    """Why this can never be a row; None if it can."""
    return fault(correction) or id_fault("correction_id", correction.correction_id)
