"""What the loop asks of the work, and what the work may count on.

Every kind of worker is one module with one function,

    def build(place: Workplace) -> Handler[ScrapingTask]: ...      # include/workers/scraping.py
    def build(place: Workplace) -> Handler[ProcessingTask]: ...    # include/workers/processing.py

and the loop does the rest: it reads the task, looks whether its effect is already recorded, calls
``handle`` (again after a Transient failure), produces ``Effect.sends`` and then
``Effect.completion``, waits for the broker, and commits the offset.

``handle`` is called from many threads at once, for different keys; never twice at once for one key.
It makes its effect durable in ONE transaction, together with its record, and returns what
``record`` returned (another worker may have been first):

    with place.database.transaction() as connection:
        stores.write(connection, rows)
        return effects.record(connection, self.stage, Effect(completion, sends))

It raises Transient, Permanent or Unfit, whose names say what happens next. Anything else that it
raises is taken for a bug: the task becomes a dead letter at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from include.contracts.outcomes import Completed
from include.contracts.tasks import Stage, Task
from include.stores.postgres import Database

TaskT = TypeVar("TaskT", bound=Task)


class Attempt(msgspec.Struct, frozen=True):
    """One try of one task. ``number`` counts from 1; a source's pause and a redelivery count none.

    ``replay_count`` is how often a person replayed the task; ``started_at`` is when this worker
    first began it (aware UTC), whatever the attempt; ``worker`` is this worker's name.
    """

    number: int
    replay_count: int
    started_at: datetime
    worker: str


class Send(msgspec.Struct, frozen=True):
    """A message that a task causes, as the exact bytes that go to the topic."""

    topic: str
    key: str
    value: bytes


class Effect(msgspec.Struct, frozen=True):
    """What a task did: the report of it, and the messages that it causes."""

    completion: Completed
    sends: tuple[Send, ...] = ()


class Handler(Protocol[TaskT]):
    """The work of one stage.

    ``source`` names what its tasks ask (``"yahoo"``): a pause of that source holds all of them.
    """

    stage: Stage
    task_type: type[TaskT]
    source: str

    def handle(self, task: TaskT, attempt: Attempt) -> Effect:
        """Do the work of one task and make it durable. Raises Transient, Permanent or Unfit."""
        ...

    def close(self) -> None:
        """Let go of what the worker held (a browser); called once, after the last ``handle``."""
        ...


class Workplace(msgspec.Struct, frozen=True):
    """What a worker hands to its handler.

    ``environment`` is the process's settings as read at the edge; ``home`` the folder for local
    state (evidence, caches); ``permit`` draws one request to the source from the quota that all
    processes share: call it before every request, from any thread; it waits while the source is
    paused or its quota is empty, and raises Transient only when the worker is asked to stop.
    """

    worker: str
    environment: Mapping[str, str]
    home: Path
    database: Database
    permit: Callable[[], None]
