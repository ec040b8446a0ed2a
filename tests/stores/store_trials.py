"""Every store as the conformance suite sees it: one row in TRIALS per store.

A trial is told where it is by a ``place`` of plain text, so that a process of its own can open the same store.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg2
import pytest
from running_parts import postgres_away
from store_messages import ENDLESS, NO_ZONE, PATIENCE_S, POISON, movement, price, tick
from stores_beside import CsvTicks, MongoAssets, SqlitePrices

from include.contracts.prices import Price, PriceMovement, Tick
from include.stores.movements import MovementStore
from include.stores.postgres import Database
from include.stores.prices import PriceStore
from include.stores.ticks import TickStore

PROJECT = Path(__file__).resolve().parents[2]

Place = Mapping[str, Any]


class Trial(Protocol):
    """One store, and all that the suite needs to know of it. None of it uses the store itself but ``open``."""

    def place(self, request: pytest.FixtureRequest) -> Place:
        """Somewhere empty; JSON can hold it."""
        ...

    def open(self, place: Place, patience_s: float = PATIENCE_S) -> Any:
        """The store at ``place``, as another start of the process would open it.

        ``patience_s`` is how long it waits for what is away, where the store has such a time.
        """
        ...

    def message(self, number: int) -> Any:
        """A message that no other number gives."""
        ...

    def key(self, message: Any) -> object:
        """What its row is known by."""
        ...

    def rows(self, place: Place) -> list[object]:
        """The key of every row that is there, in any order, doubles included."""
        ...

    def poison(self) -> Sequence[Any]:
        """Messages that decode, and that the store can never keep."""
        ...

    def away(self, place: Place) -> AbstractContextManager[None]:
        """Within the block the store cannot write."""
        ...


class _Postgres:
    """What the three tables in PostgreSQL have in common."""

    table: str
    key_columns: str
    store: Callable[[Database], Any]

    def place(self, request: pytest.FixtureRequest) -> Place:
        return dict(request.getfixturevalue("database").parameters)

    def open(self, place: Place, patience_s: float = PATIENCE_S) -> Any:
        return type(self).store(Database(place))

    def rows(self, place: Place) -> list[object]:
        with psycopg2.connect(**place) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.key_columns} FROM {self.table}")
            found = cursor.fetchall()
        connection.close()
        return list(found)

    def away(self, place: Place) -> AbstractContextManager[None]:
        return postgres_away(place)


class PostgresTicks(_Postgres):
    table, key_columns, store = "market_ticks", "ticked_at, symbol, tick_id", TickStore
    message = staticmethod(tick)

    def key(self, message: Tick) -> object:
        return message.ticked_at, message.symbol, message.tick_id

    def poison(self) -> Sequence[Tick]:
        return [*(tick(1, **changed) for changed in POISON), tick(1, ticked_at=ENDLESS), tick(1, ticked_at=NO_ZONE)]


class PostgresPrices(_Postgres):
    table, key_columns, store = "price_history", "price_id::text", PriceStore
    message = staticmethod(price)

    def key(self, message: Price) -> object:
        return (message.price_id,)

    def poison(self) -> Sequence[Price]:
        endless = price(1, price_at=ENDLESS), price(1, price_at=NO_ZONE)
        return [*(price(1, **changed) for changed in POISON), *endless, price(1, trades=2**40)]


class PostgresMovements(_Postgres):
    table, key_columns, store = "price_movements", "movement_id::text", MovementStore
    message = staticmethod(movement)

    def key(self, message: PriceMovement) -> object:
        return (message.movement_id,)

    def poison(self) -> Sequence[PriceMovement]:
        wrong = (
            {"symbol": "A\0B"},
            {"percent": float("nan")},
            {"price_after": float("inf")},
            {"moved_to_at": ENDLESS},
            {"moved_to_at": NO_ZONE},
        )
        return [movement(1, **changed) for changed in wrong]


# One row per store.
TRIALS: dict[str, Trial] = {
    "postgres-ticks": PostgresTicks(),
    "postgres-prices": PostgresPrices(),
    "postgres-movements": PostgresMovements(),
    "mongo": MongoAssets(),
    "sqlite": SqlitePrices(),
    "csv": CsvTicks(),
}

BATCH = 20


def write_on(name: str, place: str) -> None:
    """Write batch after batch for ever, and say after each that it is kept (the other process kills this one)."""
    trial = TRIALS[name]
    store = trial.open(json.loads(place))
    number = 0
    while True:
        store.write([trial.message(n) for n in range(number, number + BATCH)])
        number += BATCH
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


@contextmanager
def writing_process(name: str, place: Place) -> Iterator[subprocess.Popen[str]]:
    """A process that runs ``write_on``, killed at the end of the block."""
    code = "import store_trials, sys; store_trials.write_on(*sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", code, name, json.dumps(dict(place))],
        cwd=PROJECT,
        env={"PYTHONPATH": f"{PROJECT}:{PROJECT / 'tests'}:{Path(__file__).parent}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
