"""Prices of the polled vendors in PostgreSQL's ``price_history``: a store like the others."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg2.extras import execute_values

from include.contracts.prices import Price
from include.stores import partitions
from include.stores.base import Refusal, Written
from include.stores.keepable import fault, id_fault, month_fault
from include.stores.postgres import Database
from include.stores.writing import writing

TABLE = "price_history"
_LONGEST_BYTES = 200  # of a text in the key, which PostgreSQL limits
_MOST_TRADES = 2**31 - 1
_COLUMNS = tuple(field for field in Price.__struct_fields__ if field != "schema_version")
_INSERT = f"""
INSERT INTO price_history ({", ".join(_COLUMNS)}) VALUES %s ON CONFLICT DO NOTHING RETURNING 1
"""  # noqa: S608 - the columns are our own
_ROWS = f"({', '.join('%s::uuid' if column == 'price_id' else '%s' for column in _COLUMNS)})"


class PriceStore:
    """The table ``price_history``: each price once, by (price_at, source, symbol, price_id).

    A price of before 1990 or more than two days ahead is refused.
    """

    name = "postgres-prices"

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, messages: Sequence[Price]) -> Written:
        """Keep them, all or none. Raises Transient when the database is away or refuses for now."""
        refused = [Refusal(n, why) for n, price in enumerate(messages) if (why := _fault(price)) is not None]
        wrong = {refusal.position for refusal in refused}
        kept = [price for n, price in enumerate(messages) if n not in wrong]
        if not kept:
            return Written(0, tuple(refused))
        # In one order: two writers of the same prices wait for each other, and neither for ever.
        rows = [_row(price) for price in sorted(kept, key=lambda price: price.price_id)]
        with writing(self._database, TABLE) as connection:
            partitions.ensure(connection, TABLE, [price.price_at for price in kept])
        with writing(self._database, TABLE) as connection, connection.cursor() as cursor:
            new = len(execute_values(cursor, _INSERT, rows, template=_ROWS, page_size=1000, fetch=True))
        return Written(new, tuple(refused))

    def close(self) -> None:
        """Nothing of its own: the database belongs to the process."""


def _row(price: Price) -> tuple[object, ...]:
    return tuple(getattr(price, column) for column in _COLUMNS)


def _fault(price: Price) -> str | None:
    """Why this can never be a row; None if it can."""
    return (
        fault(price)
        or month_fault("price_at", price.price_at)
        or month_fault("observed_at", price.observed_at)
        or id_fault("price_id", price.price_id)
        or _size_fault(price)
    )


def _size_fault(price: Price) -> str | None:
    if max(len(price.source.encode()), len(price.symbol.encode())) > _LONGEST_BYTES:
        return f"a source or symbol of more than {_LONGEST_BYTES} bytes"
    if price.trades is not None and not 0 <= price.trades <= _MOST_TRADES:
        return f"trades is {price.trades}"
    return None
