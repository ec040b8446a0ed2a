"""Bands whose listing does not add up: fewer distinct stocks than announced, or totals that drifted."""

from __future__ import annotations

import msgspec
from psycopg2.extensions import connection as Connection

from include.contracts.tasks import ScrapingTask, scraping_task
from include.ledger.opening import open_tasks
from include.ledger.request import RunRequest

# A symbol of two pages is counted once; what a page left out has no id to tell it by, so of a page
# that was listed twice the larger number counts.
_BANDS = """
WITH pages AS (
    SELECT region, band, stocks, ended_at, (detail ->> 'page')::int AS page,
           coalesce((detail ->> 'listing')::int, 1) AS listing,
           (detail ->> 'announced')::int AS announced, (detail ->> 'listed')::int AS listed
    FROM tasks WHERE run_id = %(run_id)s AND stage = 'scraping' AND state = 'completed'
), left_out AS (
    SELECT region, band, sum(most) AS count FROM (
        SELECT region, band, page, max(listed - cardinality(stocks)) AS most FROM pages GROUP BY region, band, page
    ) AS per_page GROUP BY region, band
), last AS (
    SELECT DISTINCT ON (region, band) region, band, announced, listing
    FROM pages ORDER BY region, band, listing DESC, ended_at DESC, page DESC
), drift AS (
    SELECT region, band, listing, count(DISTINCT announced) > 1 AS drifted FROM pages GROUP BY region, band, listing
), found AS (
    SELECT region, band, count(DISTINCT stock) AS count FROM pages, unnest(stocks) AS stock GROUP BY region, band
)
SELECT region, band, last.listing, last.announced, coalesce(found.count, 0), left_out.count, drift.drifted
FROM last JOIN left_out USING (region, band) JOIN drift USING (region, band, listing)
LEFT JOIN found USING (region, band)
ORDER BY region, band
"""


class Gap(msgspec.Struct, frozen=True):
    """A band whose last ``listing`` announced another number than was found, or several numbers."""

    region: str
    band: str
    listing: int
    announced: int
    found: int
    left_out: int
    drifted: bool

    @property
    def missing(self) -> int:
        """How many stocks were announced and not seen; 0 for a mere drift."""
        return max(0, self.announced - self.found - self.left_out)

    def __str__(self) -> str:
        band = "" if self.band == ".." else f" ({self.band})"
        seen = f"{self.region}{band}: {self.found + self.left_out} of {self.announced} announced stocks were seen"
        drift = "; the announced total changed from page to page" if self.drifted else ""
        again = f" after {self.listing} listings" if self.listing > 1 else ""
        return seen + again + drift


def gaps(connection: Connection, run_id: str) -> list[Gap]:
    """The bands of the run that do not add up, as far as their pages have completed."""
    with connection.cursor() as cursor:
        cursor.execute(_BANDS, {"run_id": run_id})
        bands = [Gap(*row) for row in cursor.fetchall()]
    return [gap for gap in bands if gap.missing or gap.drifted]


def list_again(connection: Connection, run_id: str) -> list[ScrapingTask]:
    """Open a second listing of every band that had only one and has a gap; -> its first pages, not yet produced.

    They are in the ledger as pending when this returns, so that a crash before they are produced
    shows as pending and not as done.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT request FROM runs WHERE run_id = %s AND cancelled_at IS NULL FOR UPDATE", (run_id,))
        row = cursor.fetchone()
        if row is None or row[0] is None:
            return []
        request = msgspec.convert(row[0], RunRequest)
        again = [_second_listing(run_id, gap, request) for gap in gaps(connection, run_id)]
        cursor.execute(
            "SELECT task_id::text FROM tasks WHERE run_id = %s AND stage = 'scraping' AND task_id = ANY(%s::uuid[])",
            (run_id, [task.task_id for task in again]),
        )
        known = {task_id for (task_id,) in cursor.fetchall()}
    tasks = [task for task in again if task.task_id not in known]
    if tasks:
        open_tasks(connection, tasks)
    return tasks


def _second_listing(run_id: str, gap: Gap, request: RunRequest) -> ScrapingTask:
    band = next(band for band in request.bands if str(band) == gap.band)
    return scraping_task(run_id, gap.region, band, 0, request.screener, request.planned_at, listing=2)
