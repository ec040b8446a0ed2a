"""What Airflow's triggerer watches for us: the backlog of outcomes, and the end of a run.

Both poll from threads, never on the event loop, and neither consumes anything: whatever a trigger
says, the DAG looks for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent

from include.errors import StocksError

if TYPE_CHECKING:  # a DAG file imports this module while it is parsed: the clients are imported when they are used
    from include.orchestration.backlog import Backlog
    from include.orchestration.place import Place


class KafkaBacklogTrigger(BaseEventTrigger):
    """The doorbell: rings while outcomes wait and nobody drains them.

    It watches the lag of the ledger's group without joining it. A group whose place moves between
    two looks has a drain at work, which will not stop before the end; so it rings only for a lag
    that is new or that stands still. ``cooldown_s`` is how long a rung drain may take to begin.
    """

    def __init__(self, *, poll_s: float = 1.0, cooldown_s: float = 10.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.poll_s = poll_s
        self.cooldown_s = cooldown_s

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {"poll_s": self.poll_s, "cooldown_s": self.cooldown_s},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        from include.orchestration.backlog import backlog, consumer, waits
        from include.settings import KafkaSettings, environment

        reader = await asyncio.to_thread(lambda: consumer(KafkaSettings.from_env(environment()).librdkafka()))
        seen: Backlog | None = None
        try:
            while True:
                try:
                    now = await asyncio.to_thread(backlog, reader)
                except StocksError as error:
                    self.log.warning("The backlog of outcomes is unknown, and is asked for again: %s", error)
                    await asyncio.sleep(self.poll_s * 3)
                    continue
                rings = waits(now, seen)
                seen = now
                if rings:
                    yield TriggerEvent({"lag": now.by_topic()})  # type: ignore[no-untyped-call]
                await asyncio.sleep(self.cooldown_s if rings else self.poll_s)
        finally:
            await asyncio.to_thread(reader.close)


class RunTrigger(BaseTrigger):
    """Fires once when the run is ``settled`` (nothing pending, or cancelled), ``stalled`` or ``unknown``."""

    def __init__(self, *, run_id: str, poll_s: float = 1.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.run_id = run_id
        self.poll_s = poll_s

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {"run_id": self.run_id, "poll_s": self.poll_s},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        from include.orchestration.place import place

        with place(connections=1) as here:
            while True:
                try:
                    event = await asyncio.to_thread(what_became, here, self.run_id)
                except StocksError as error:
                    self.log.warning("The ledger of run %s is asked again: %s", self.run_id, error)
                    event = None
                if event is not None:
                    yield TriggerEvent({"run": event})  # type: ignore[no-untyped-call]
                    return
                await asyncio.sleep(self.poll_s)


def what_became(here: Place, run_id: str) -> str | None:
    """``settled``, ``stalled`` or ``unknown``; None while the run goes on. Raises Transient."""
    from include.ledger.watching import look

    with here.database.transaction() as connection:
        run = look(connection, run_id)
    if run is None:
        return "unknown"
    if run.settled:
        return "settled"
    return "stalled" if run.stalled(here.runs.stall_minutes) else None
