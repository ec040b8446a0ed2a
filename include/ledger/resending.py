"""The exact messages of a run's pending tasks, for planning a run and for clearing one.

Planned tasks are derived again from the run's request; what a page sent is read from its recorded
effect. So what is sent again is, byte for byte, what was sent before.
"""

from __future__ import annotations

import msgspec
from psycopg2.extensions import connection as Connection

from include.contracts import dead_letters as names
from include.contracts.tasks import ScrapingTask, Stage, scraping_task
from include.contracts.topics import TASKS_OF
from include.ledger.request import RunRequest
from include.transport.codec import encode
from include.transport.producer import Message

_WAITING = """
SELECT stage, region, coalesce(band, ''), count(*) FROM tasks
WHERE run_id = %s AND state = 'pending' GROUP BY 1, 2, 3 ORDER BY stage DESC, region, 3
"""
# A page task and a stock are found in the effect of the page that sent them; each effect is taken apart once.
_SENT = """
WITH wanted AS MATERIALIZED (
    SELECT task_id, parent_id, key, replay_count FROM tasks
    WHERE run_id = %(run_id)s AND stage = %(stage)s AND region = %(region)s
      AND coalesce(band, '') = %(band)s AND state = 'pending'
), sent AS MATERIALIZED (
    SELECT effects.task_id AS parent_id, send ->> 2 AS message, ((send ->> 2)::jsonb ->> 'task_id')::uuid AS task_id
    FROM effects CROSS JOIN LATERAL jsonb_array_elements(effects.sends) AS send
    WHERE effects.run_id = %(run_id)s AND effects.stage = 'scraping'
      AND effects.task_id IN (SELECT parent_id FROM wanted)
)
SELECT DISTINCT ON (wanted.task_id) wanted.key, wanted.replay_count, sent.message
FROM wanted JOIN sent USING (parent_id, task_id) ORDER BY wanted.task_id
"""
_PLANNED = """
SELECT task_id::text, replay_count FROM tasks
WHERE run_id = %(run_id)s AND stage = 'scraping' AND region = %(region)s AND coalesce(band, '') = %(band)s
  AND state = 'pending' AND parent_id IS NULL
"""


class Waiting(msgspec.Struct, frozen=True):
    """Pending tasks of one stage, region and band; ``band`` is empty where the ledger does not know it."""

    stage: Stage
    region: str
    band: str
    count: int

    @property
    def label(self) -> str:
        """What people see of it: ``us``, ``us 100M..1B``, ``us stocks``."""
        band = "" if self.band in ("", "..") else f" {self.band}"
        return f"{self.region}{band}" + (" stocks" if self.stage is Stage.PROCESSING else "")


def waiting(connection: Connection, run_id: str) -> list[Waiting]:
    """The run's pending tasks by stage, region and band; pages before stocks."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, (run_id,))
        return [Waiting(Stage(stage), region, band, count) for stage, region, band, count in cursor.fetchall()]


def messages(connection: Connection, run_id: str, stage: Stage, region: str, band: str) -> list[Message]:
    """The messages of those pending tasks; a replayed one carries its replay count."""
    asked = {"run_id": run_id, "stage": str(stage), "region": region, "band": band}
    topic = TASKS_OF[stage].name
    found = []
    with connection.cursor() as cursor:
        if stage is Stage.SCRAPING:
            planned = _planned(connection, run_id)
            cursor.execute(_PLANNED, asked)
            for task_id, replay_count in cursor.fetchall():
                if task := planned.get(task_id):
                    found.append(_message(topic, task.key, encode(task), replay_count))
        cursor.execute(_SENT, asked)
        found += [_message(topic, key, value.encode(), count) for key, count, value in cursor.fetchall()]
    return found


def _planned(connection: Connection, run_id: str) -> dict[str, ScrapingTask]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT request FROM runs WHERE run_id = %s AND request IS NOT NULL", (run_id,))
        row = cursor.fetchone()
    if row is None:
        return {}
    asked = msgspec.convert(row[0], RunRequest)
    tasks = [
        scraping_task(run_id, region, band, 0, asked.screener, asked.planned_at, listing)
        for region in asked.regions
        for band in asked.bands
        for listing in (1, 2)
    ]
    return {task.task_id: task for task in tasks}


def _message(topic: str, key: str, value: bytes, replay_count: int) -> Message:
    return Message(topic, key, value, {names.REPLAY_COUNT: str(replay_count)} if replay_count else {})
