"""The topic table: every topic of the pipeline, created explicitly with partitions and retention."""

from __future__ import annotations

import msgspec

from include.contracts.tasks import SINK, Stage, Station

_DAY_MS = 24 * 3600 * 1000
_GIB = 2**30
TASK_MESSAGE_BYTES = 1024 * 1024


class Topic(msgspec.Struct, frozen=True):
    """A topic and its settings; ``retention_ms`` -1 keeps by bytes alone."""

    name: str
    partitions: int
    retention_ms: int
    retention_bytes: int
    max_message_bytes: int = TASK_MESSAGE_BYTES

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings by Kafka's own names."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "retention.bytes": str(self.retention_bytes),
            "max.message.bytes": str(self.max_message_bytes),
        }


def _errors(name: str) -> Topic:
    # 64 KiB of room above the task topics: the original's bytes plus the headers that say why.
    return Topic(name, 3, -1, _GIB, TASK_MESSAGE_BYTES + 64 * 1024)


SCRAPING_TASKS = Topic("stock-scraping-tasks", 6, 7 * _DAY_MS, _GIB)
PROCESSING_TASKS = Topic("stock-processing-tasks", 12, 7 * _DAY_MS, _GIB)
SCRAPING_COMPLETION = Topic("scraping-completion", 3, 7 * _DAY_MS, _GIB)
PROCESSING_COMPLETION = Topic("processing-completion", 3, 7 * _DAY_MS, _GIB)
SCRAPING_ERRORS = _errors("scraping-errors")
PROCESSING_ERRORS = _errors("processing-errors")
SINK_ERRORS = _errors("sink-errors")
STOCK_PRICES = Topic("stock-prices", 6, 7 * _DAY_MS, _GIB)
TRADING_ASSETS = Topic("trading-assets-market-data-v1", 3, 7 * _DAY_MS, _GIB)
MARKET_TICKS = Topic("market_ticks", 6, 2 * _DAY_MS, 4 * _GIB)
TICK_CORRECTIONS = Topic("tick-corrections", 3, 7 * _DAY_MS, _GIB)
PRICE_ALERTS = Topic("price-alerts", 3, 7 * _DAY_MS, _GIB)

TOPICS: tuple[Topic, ...] = (
    SCRAPING_TASKS,
    PROCESSING_TASKS,
    SCRAPING_COMPLETION,
    PROCESSING_COMPLETION,
    SCRAPING_ERRORS,
    PROCESSING_ERRORS,
    SINK_ERRORS,
    STOCK_PRICES,
    TRADING_ASSETS,
    MARKET_TICKS,
    TICK_CORRECTIONS,
    PRICE_ALERTS,
)

TASKS_OF = {Stage.SCRAPING: SCRAPING_TASKS, Stage.PROCESSING: PROCESSING_TASKS}
COMPLETIONS_OF = {Stage.SCRAPING: SCRAPING_COMPLETION, Stage.PROCESSING: PROCESSING_COMPLETION}
ERRORS_OF: dict[Station, Topic] = {
    Stage.SCRAPING: SCRAPING_ERRORS,
    Stage.PROCESSING: PROCESSING_ERRORS,
    SINK: SINK_ERRORS,
}
OUTCOME_TOPICS: tuple[Topic, ...] = (SCRAPING_COMPLETION, PROCESSING_COMPLETION, SCRAPING_ERRORS, PROCESSING_ERRORS)
# What the sink reads; a message of these is of no run.
PRICE_TOPICS: tuple[Topic, ...] = (STOCK_PRICES, TRADING_ASSETS, MARKET_TICKS, TICK_CORRECTIONS, PRICE_ALERTS)
# What pipeline_monitor drains: the outcomes of tasks, and the dead letters that are of none.
DRAINED_TOPICS: tuple[Topic, ...] = (*OUTCOME_TOPICS, SINK_ERRORS)
# Where a dead letter may go back to.
REPLAYED_TOPICS: tuple[Topic, ...] = (*TASKS_OF.values(), *PRICE_TOPICS)
