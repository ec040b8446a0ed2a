"""What `pipeline_monitor` does when the doorbell rings: drain, alert, and keep house."""

from __future__ import annotations

import logging
from collections.abc import Callable

from include.ledger.prune import prune_daily
from include.orchestration.alerts import alerts
from include.orchestration.drain import drain
from include.orchestration.drained import Taken
from include.orchestration.place import Place
from include.orchestration.reconcile import reconcile

_log = logging.getLogger(__name__)

# How long one drain goes on while a run is live: long enough that starting the next one costs
# little, short enough that a new version of this code is soon the one that runs.
STAY_S = 120.0


def attend(here: Place, state_of: Callable[[str], str | None], *, stay_s: float = STAY_S) -> Taken:
    """Drain the outcome topics, say what needs a person, and delete what is too old. Raises Transient."""
    reconcile(here.database, state_of)
    taken = drain(here.kafka, here.database, failure_threshold=here.runs.failure_threshold, stay_s=stay_s)
    _log.info("%d outcomes of %d runs drained", taken.new, len(taken.run_ids))
    with here.database.transaction() as connection:
        for line in alerts(connection, taken, here.runs.failure_threshold):
            _log.error("%s", line)
    with here.database.transaction() as connection:
        pruned = prune_daily(connection, here.history)
    for kind, count in pruned.items():
        _log.info("%d %s were too old and are deleted", count, kind)
    return taken
