"""What became of every task: outcomes into the run ledger, dead letters into the review, alerts into the log.

scraping-completion, processing-completion, scraping-errors, processing-errors → doorbell → drain → PostgreSQL

The doorbell rings while outcomes wait; it carries no data. The drain reads the topics in batches, writes idempotently
and then commits, so a drain that dies repeats its last batch and changes nothing. It goes on while a run has pending
tasks. Failures above the threshold and incomplete regions are errors in its log. Once a day it deletes what is too
old: runs, reviewed dead letters, and quotes and exchange rates but one per week and per day (docs/what-is-kept.md).
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Asset, AssetWatcher, dag, task

from include.orchestration.triggers import KafkaBacklogTrigger

DOORBELL = Asset("outcome_backlog", watchers=[AssetWatcher(name="ledger", trigger=KafkaBacklogTrigger())])


@dag(
    schedule=[DOORBELL],
    catchup=False,
    max_active_runs=1,  # one drain at a time
    doc_md=__doc__,
    tags=["watch"],
    is_paused_upon_creation=False,
)
def pipeline_monitor() -> None:
    # Airflow's default of five minutes between tries would hold the ledger up for as long.
    @task(retries=3, retry_delay=timedelta(seconds=10))
    def drain() -> None:
        from include.orchestration.monitor import attend
        from include.orchestration.place import place
        from include.orchestration.reconcile import dag_run_state
        from include.orchestration.unretried import unretried

        with unretried(), place() as here:
            attend(here, dag_run_state)

    drain()


pipeline_monitor()
