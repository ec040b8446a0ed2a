"""What the wait for a run's end looks at, in a few questions that are cheap to repeat."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from include.transport.limits import Limit, Usage, wait_s

# What the tasks of a run ask. That the quota of a price feed is empty excuses no run.
SOURCE = "yahoo"

_LOOK = """
SELECT runs.state, runs.cancelled_at IS NOT NULL, clock_timestamp(),
       (SELECT count(*) FROM tasks WHERE tasks.run_id = runs.run_id AND tasks.state = 'pending'),
       greatest(runs.resumed_at, runs.last_outcome_at, runs.waited_until,
                (SELECT max(paused_until) FROM source_pauses WHERE source = %s AND isfinite(paused_until)))
FROM runs WHERE run_id = %s
"""
# Noted when the end of the wait has moved by seconds, so that not every look writes; a quota that was
# raised meanwhile ends a wait early.
_WAITED = """
UPDATE runs SET waited_until = clock_timestamp() + make_interval(secs => %(wait_s)s)
WHERE run_id = %(run_id)s AND (%(wait_s)s > 0 OR waited_until > clock_timestamp())
  AND (waited_until IS NULL OR abs(extract(epoch FROM waited_until - clock_timestamp()) - %(wait_s)s) > 5)
"""
_QUOTAS = "SELECT allowed, window_s, newest_slot, used FROM quotas WHERE source = %s AND allowed > 0"


class Look(msgspec.Struct, frozen=True):
    """A run at one moment.

    ``moved_at`` is when something last happened, or will: a source's pause or a used-up quota ends
    then, for to wait for them is no stall. When they have ended the clock starts anew.
    """

    state: str
    cancelled: bool
    seen_at: datetime
    pending: int
    moved_at: datetime

    @property
    def settled(self) -> bool:
        """Nothing is left to wait for."""
        return self.pending == 0 or self.cancelled

    def stalled(self, stall_minutes: float) -> bool:
        """No outcome for that long, waits for quota excepted."""
        return self.pending > 0 and self.seen_at - self.moved_at > timedelta(minutes=stall_minutes)


def look(connection: Connection, run_id: str) -> Look | None:
    """The run as it is now; None when the ledger does not know it. Notes until when its source makes it wait."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, (SOURCE, run_id))
        row = cursor.fetchone()
        if row is None:
            return None
        run = Look(*row)
        wait = _quota_wait_s(cursor, run.seen_at)
        if wait or run.moved_at > run.seen_at:
            cursor.execute(_WAITED, {"run_id": run_id, "wait_s": wait})
    return msgspec.structs.replace(run, moved_at=run.seen_at + timedelta(seconds=wait)) if wait else run


def _quota_wait_s(cursor: Cursor, seen_at: datetime) -> float:
    """For how long the source's quota keeps every worker waiting; 0 when it does not."""
    cursor.execute(_QUOTAS, (SOURCE,))
    now = seen_at.timestamp()
    waits = [
        wait_s(Limit(allowed, window_s), Usage(newest, tuple(used)), now)
        for allowed, window_s, newest, used in cursor.fetchall()
    ]
    return max(waits, default=0.0)


def pending_by_stage(connection: Connection, run_id: str) -> dict[str, int]:
    """How many tasks of each stage the run waits for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stage, count(*) FROM tasks WHERE run_id = %s AND state = 'pending' GROUP BY stage", (run_id,)
        )
        return dict(cursor.fetchall())
