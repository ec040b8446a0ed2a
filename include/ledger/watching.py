"""What the wait for a run's end looks at, in one question that is cheap to repeat."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from psycopg2.extensions import connection as Connection

# A wait for quota is no stall: while a source is paused, or a window of its quota is used up, the
# clock stands until that ends.
_LOOK = """
SELECT runs.state, runs.cancelled_at IS NOT NULL, clock_timestamp(),
       (SELECT count(*) FROM tasks WHERE tasks.run_id = runs.run_id AND tasks.state = 'pending'),
       greatest(runs.resumed_at, runs.last_outcome_at, (
           SELECT max(greatest(paused_until,
                               CASE WHEN used >= allowed THEN window_start + make_interval(secs => window_s) END))
           FROM quotas))
FROM runs WHERE run_id = %s
"""


class Look(msgspec.Struct, frozen=True):
    """A run at one moment. ``moved_at`` is when something last happened, or will have: a source's pause ends then."""

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
    """The run as it is now; None when the ledger does not know it."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, (run_id,))
        row = cursor.fetchone()
    return None if row is None else Look(*row)


def pending_by_stage(connection: Connection, run_id: str) -> dict[str, int]:
    """How many tasks of each stage the run waits for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stage, count(*) FROM tasks WHERE run_id = %s AND state = 'pending' GROUP BY stage", (run_id,)
        )
        return dict(cursor.fetchall())
