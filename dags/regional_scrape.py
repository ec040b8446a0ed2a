"""Every listed stock of the chosen regions, its financial ratios in PostgreSQL, and proof that none was lost.

plan → send (one task per region and market-cap band, to stock-scraping-tasks) → finish (when nothing is pending)

Runs every night by `SCRAPE_SCHEDULE`, and from the form. Workers list the pages and fetch the stocks; `finish`
waits without holding a worker, and fails when more than `RUN_FAILURE_THRESHOLD` of the tasks failed, when a listing
page failed, or when nothing happens for `RUN_STALL_MINUTES`.

Clearing a run sends again what is pending, and only that; failed tasks come back by replaying their dead letters.
Marking a run as failed cancels it: what is pending ends as `Cancelled`.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow.providers.apache.kafka.operators.produce import ProduceToTopicOperator
from airflow.sdk import CronTriggerTimetable, Param, dag, task

from include.orchestration.run_end import RunEnd
from include.scrapers.regions import REGIONS
from include.settings import ScrapeSettings

DEFAULTS = ScrapeSettings.from_env(os.environ)
MARKET_CAP = {"type": ["null", "string"], "pattern": r"^\s*(\d+(\.\d+)?\s*[KMBTkmbt]?)?\s*$"}
BOUNDS = "In the currency of the listing, such as 100M or 1.5B; empty means unbounded. From is included, below is not."


@dag(
    schedule=CronTriggerTimetable(DEFAULTS.schedule, timezone=DEFAULTS.timezone) if DEFAULTS.schedule else None,
    catchup=False,
    doc_md=__doc__,
    tags=["ask"],
    is_paused_upon_creation=False,
    default_args={"retries": 3, "retry_delay": timedelta(seconds=10)},
    params={
        "regions": Param(
            list(DEFAULTS.regions),
            type="array",
            title="Regions",
            description="Every listed stock of these regions.",
            items={"type": "string", "enum": list(REGIONS)},
            examples=list(REGIONS),
            values_display={code: region.name for code, region in REGIONS.items()},
            minItems=1,
            uniqueItems=True,
        ),
        "market_cap_min": Param(DEFAULTS.market_cap_min, **MARKET_CAP, title="Market cap from", description=BOUNDS),
        "market_cap_max": Param(DEFAULTS.market_cap_max, **MARKET_CAP, title="Market cap below", description=BOUNDS),
        "market_cap_cuts": Param(
            None,
            type=["null", "string"],
            pattern=r"^\s*(\d+(\.\d+)?\s*[KMBTkmbt]?\s*(,\s*\d+(\.\d+)?\s*[KMBTkmbt]?\s*)*)?$",
            title="Cut into bands at",
            description="Splits large regions into bands that are listed side by side, such as `1B, 10B`.",
            section="Advanced",
        ),
        "screener": Param(
            DEFAULTS.screener,
            type="string",
            enum=["browser", "api"],
            title="Listing by",
            description="`browser` walks the screener's pages in Chromium, `api` asks its query.",
            section="Advanced",
        ),
    },
)
def regional_scrape() -> None:
    @task
    def plan(params: dict[str, Any], run_id: str, dag_run: Any) -> list[dict[str, Any]]:
        from include.orchestration.planning import plan_run

        return plan_run(params, run_id, dag_run)

    parts = plan()
    send = ProduceToTopicOperator.partial(
        task_id="send",
        kafka_config_id="kafka_default",
        producer_function="include.orchestration.sending.pending_tasks",
        delivery_callback="include.orchestration.sending.raise_on_failure",
        synchronous=False,
        map_index_template="{{ task.producer_function_kwargs['label'] }}",
    ).expand_kwargs(parts)

    # A cleared run with nothing pending sends nothing and still has an end; a night that is skipped has none.
    [parts, send] >> RunEnd(task_id="finish", trigger_rule="none_failed_min_one_success")


regional_scrape()
