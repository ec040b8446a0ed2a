"""What the sink's process makes of ticks beside writing them: bars and movements."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bar_trials import figures
from sinks import environment, eventually, health, messages, send, sink, tick

from include.stores.movements import recent
from include.stores.postgres import Database
from include.workers.rounds import Rounds
from include.workers.sink import Sink
from include.workers.stopping import Stopping


@pytest.fixture
def env(kafka: dict[str, str], database: Database, tmp_path: Path) -> dict[str, str]:
    return environment(kafka, database, tmp_path / "home")


@pytest.mark.stack
def test_trades_become_a_bar_and_a_movement(env: Mapping[str, str], kafka: dict[str, str], database: Database) -> None:
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=3)
    prices = ((5, 100.0, 10), (20, 101.0, 20), (40, 99.5, 30), (59, 103.0, 40))
    trades = [
        tick(1, symbol="AAPL", ticked_at=minute + timedelta(seconds=s), price=price, size=float(size))
        for s, price, size in prices
    ]

    def movements() -> list[tuple[float, float, float]]:
        with database.transaction() as connection:
            return [(m.price_before, m.price_after, round(m.percent, 6)) for m in recent(connection, minute)]

    with sink(env, "one", "postgres:market_ticks", "postgres:price-alerts", "bars", "movements"):
        send(kafka, *messages(trades))
        eventually(lambda: movements() != [], "the movement is in its table")
        eventually(lambda: figures(database, at=minute) is not None, "the bar is made")
        eventually(lambda: (figures(database, at=minute) or (0,))[-1] == 4, "the bar is made of all")
        detail = health(env, "one")["detail"]
        assert detail["bars"]["healthy"]
        assert (detail["movements"]["healthy"], detail["movements"]["told"]) == (True, 1)
    assert movements() == [(99.5, 103.0, 3.517588)]  # 103 / 99.5 - 1
    # 10 x 100 + 20 x 101 + 30 x 99.5 + 40 x 103 = 10125, over 100 shares
    assert figures(database, at=minute) == (100.0, 103.0, 99.5, 103.0, 100.0, 101.25, 4)


def test_all_parts_are_asked_to_end_before_any_is_waited_for() -> None:
    """Each one's round goes on until the other was asked too: one after the other would give up the first."""
    began = threading.Barrier(3, timeout=60)
    knew: dict[str, bool] = {}

    def round_of(own: str, other: str) -> Callable[[], bool]:
        def work() -> bool:
            began.wait()
            assert parts[own].stopping.wait(60)
            knew[own] = parts[other].stopping.wait(4)  # less than a part is waited for
            return False

        return work

    names = ("bars", "movements")
    parts = {own: Rounds(own, round_of(own, other), every_s=3600) for own, other in (names, names[::-1])}
    stopping = Stopping()
    sink = Sink(stopping)
    sink.parts = list(parts.values())
    running = threading.Thread(target=sink.run, daemon=True)
    running.start()
    began.wait()
    stopping.ask()
    running.join(60)
    assert not running.is_alive()
    assert knew == dict.fromkeys(names, True)
