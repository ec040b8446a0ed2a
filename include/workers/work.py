"""One task from its bytes to an acknowledged report. The order is the guarantee:

    take -> handle (its effect durable) -> report, acknowledged -> commit

The first and the last step are the loop's.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic

import msgspec

from include.contracts.dead_letters import REPLAY_COUNT, Disposition
from include.contracts.topics import COMPLETIONS_OF
from include.errors import Permanent, Transient, Unfit
from include.stores.postgres import Database
from include.transport.codec import decode, encode
from include.transport.headers import count_in
from include.transport.producer import Message, Producer
from include.transport.quota import Quota
from include.workers import effects
from include.workers.breaker import Breaker
from include.workers.dead_letter import Failure, dead_letter, now, task_ids, without_extras
from include.workers.handler import Attempt, Effect, Handler, TaskT
from include.workers.lanes import Delivery
from include.workers.logs import about
from include.workers.metrics import Metrics
from include.workers.patience import Abandoned, Patience
from include.workers.retry import Retry

log = logging.getLogger(__name__)

_REPORT_AGAIN_S = 1.0
# A task that is refused again lets others go first, longer each time, up to so many first waits of a retry.
_LONGEST_TURN = 16
# Refused more often than that while others were answered, it is what is wrong.
_MOST_REFUSALS = 8


class Means(msgspec.Struct, frozen=True):
    """What all tasks of a worker share."""

    worker: str
    group: str
    database: Database
    producer: Producer
    quota: Quota
    retry: Retry
    breaker: Breaker
    metrics: Metrics
    cancelled: Callable[[], frozenset[str]]
    scrub: Callable[[str], str]
    stop: threading.Event


class _Progress(msgspec.Struct):
    """How far one task has come in this worker."""

    delivery: Delivery
    patience: Patience
    started_at: datetime
    run_id: str | None = None
    task_id: str | None = None
    attempts: int = 0
    refusals: int = 0
    own_refusals: int = 0
    first_failed_at: datetime | None = None
    result: str = "completed"

    @property
    def replay_count(self) -> int:
        return count_in(self.delivery.record.headers, REPLAY_COUNT)


class Work(Generic[TaskT]):
    """Serves deliveries; thread-safe, one call per task."""

    def __init__(self, handler: Handler[TaskT], means: Means) -> None:
        self._handler = handler
        self._means = means

    def serve(self, delivery: Delivery) -> None:
        """Bring one task to its end: reported, dead-lettered, or skipped. Raises Abandoned or Unfit."""
        progress = _Progress(delivery, Patience(self._means.stop, delivery.window), now())
        try:
            task = decode(delivery.record.value, self._handler.task_type)
        except Permanent as error:
            progress.run_id, progress.task_id = task_ids(delivery.record.value)
            progress.attempts = 1
            with about(progress.run_id, progress.task_id):
                self._give_up(progress, error, Disposition.POISON)
            self._means.metrics.ended(progress.result, 0.0)
            return
        progress.run_id, progress.task_id = task.run_id, task.task_id
        with about(task.run_id, task.task_id), self._means.metrics.in_flight():
            if task.run_id in self._means.cancelled():
                progress.result = "skipped"
            else:
                self._serve(progress, task)
            self._means.metrics.ended(progress.result, (now() - progress.started_at).total_seconds())

    def _serve(self, progress: _Progress, task: TaskT) -> None:
        breaker = self._means.breaker
        while True:
            probe = breaker.admit(progress.patience.sleep)
            try:
                self._report(progress, self._handle(progress, task))
            except (Abandoned, Unfit):
                breaker.left(probe)
                raise
            except Exception as error:  # noqa: BLE001 - whatever a handler raises, bugs included, is its task's failure
                if breaker.failed(probe):
                    self._give_up(progress, error, Disposition.BREAKER if probe else _disposition(error))
                    return
                log.warning("too many tasks in a row failed: this one is held, not given up: %s", error)
            else:
                breaker.succeeded()
                return

    def _handle(self, progress: _Progress, task: TaskT) -> Effect:
        """The task's effect: the recorded one, or else the handler's, tried again after Transient failures."""

        def attempt(_number: int) -> Effect:
            progress.attempts += 1
            return self._attempt(progress, task)

        def between(_number: int, error: Transient) -> None:
            progress.first_failed_at = progress.first_failed_at or now()
            self._means.metrics.retried()
            log.info("attempt %d failed and will be repeated: %s", progress.attempts, error)

        return self._means.retry.run(attempt, progress.patience.sleep, between)

    def _attempt(self, progress: _Progress, task: TaskT) -> Effect:
        """One attempt. A source that refuses everybody is paused for everybody, and no attempt is counted.

        One that answers others and refuses this task alone, time and again, is asked as often as any failure.
        """
        means, handler = self._means, self._handler
        while True:
            effect = effects.recorded(means.database, task.run_id, handler.stage, task.task_id)
            if effect is not None:
                progress.result = "repeated"
                return effect
            means.quota.wait_open(progress.patience.wait)
            progress.patience.sleep(0)  # raises when the task became somebody else's meanwhile
            try:
                effect = handler.handle(
                    task, Attempt(progress.attempts, progress.replay_count, progress.started_at, means.worker)
                )
                means.quota.answered()
                return effect
            except Transient as error:
                if error.source != handler.source and (error.retry_after_s or 0) <= means.retry.budget_s:
                    raise
                progress.refusals += 1
                progress.own_refusals += means.quota.answers_others
                paused_s = means.quota.pause(error.retry_after_s)
                means.metrics.refused()
                log.warning("%s is paused for %.1f s for every worker: %s", handler.source, paused_s, error)
                if progress.own_refusals > _MOST_REFUSALS:
                    raise
                if progress.refusals > 1:
                    turns = min(_LONGEST_TURN, 2 ** (progress.refusals - 1))
                    progress.patience.sleep(paused_s + turns * means.retry.base_s)

    def _report(self, progress: _Progress, effect: Effect) -> None:
        """Produce what the task caused, and only when that is acknowledged its completion."""
        replay_count = max(effect.completion.replay_count, progress.replay_count)
        done = msgspec.structs.replace(effect.completion, replay_count=replay_count)
        self._deliver(progress, [Message(s.topic, s.key, s.value) for s in effect.sends])
        self._deliver(progress, [Message(COMPLETIONS_OF[self._handler.stage].name, done.key, encode(done))])

    def _give_up(self, progress: _Progress, error: BaseException, disposition: Disposition) -> None:
        """Send the task to the errors topic, unless somebody else is at it by now."""
        progress.patience.sleep(0)
        at = now()
        failure = Failure(
            error=error,
            disposition=disposition,
            attempts=progress.attempts,
            first_failed_at=progress.first_failed_at or at,
            failed_at=at,
            run_id=progress.run_id,
            task_id=progress.task_id,
        )
        means = self._means
        letter = dead_letter(self._handler.stage, means.group, progress.delivery.record, failure, means.scrub)
        level = logging.ERROR if disposition is Disposition.POISON else logging.WARNING
        log.log(level, "given up (%s) after %d attempts: %s", disposition, progress.attempts, means.scrub(str(error)))
        try:
            self._deliver(progress, [letter])
        except Permanent:
            self._deliver(progress, [without_extras(letter)])
        progress.result = str(disposition)

    def _deliver(self, progress: _Progress, messages: Sequence[Message]) -> None:
        """Produce until acknowledged: while the broker is away there is nothing better to do. Raises Abandoned."""
        while messages:
            try:
                self._means.producer.deliver(messages)
                return
            except Transient as error:
                log.warning("the report is repeated until the broker takes it: %s", error)
                progress.patience.sleep(_REPORT_AGAIN_S)


def _disposition(error: Exception) -> Disposition:
    return Disposition.EXHAUSTED if isinstance(error, Transient) else Disposition.POISON
