"""What runs beside the routes in the sink's process, in threads of its own: bars, movements, retention."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from include.settings import Environment, MovementSettings, RetentionSettings
from include.stores.postgres import Database
from include.transport.producer import Producer
from include.workers.bars import bar_maker
from include.workers.movements import MovementMonitor, rules_of
from include.workers.retention import housekeeper


class Part(Protocol):
    """Something that runs until it is stopped, and repairs itself meanwhile."""

    name: str

    def start(self) -> None:
        """Begin."""
        ...

    def ask_to_stop(self) -> None:
        """End after what is under way; returns at once."""
        ...

    def join(self, timeout_s: float) -> None:
        """Wait for the end, at most so long."""
        ...

    def health(self) -> dict[str, Any]:
        """How it does; ``healthy`` says whether it works."""
        ...


class Means(msgspec.Struct, frozen=True):
    """What a part may be made of."""

    worker: str
    environment: Environment
    kafka: Mapping[str, Any]
    database: Database
    producer: Producer


PARTS: Mapping[str, Callable[[Means], Part]] = {
    "bars": lambda means: bar_maker(means.database),
    "movements": lambda means: MovementMonitor(
        means.kafka, means.producer, rules_of(MovementSettings.from_env(means.environment)), means.worker
    ),
    "retention": lambda means: housekeeper(means.database, RetentionSettings.from_env(means.environment)),
}
