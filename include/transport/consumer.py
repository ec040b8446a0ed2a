"""How a worker reads its topic: the KIP-848 group protocol, commits by hand, a bounded prefetch.

Members are dynamic. A static ``group.instance.id`` would make a killed worker's successor wait: in
this protocol the broker refuses the id as long as it takes the dead member for alive, and the client
takes that for fatal. How soon a dead member is noticed is the broker's setting, kept at seconds in
``include/stack/configuration.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.contracts.tasks import Stage

POLL_INTERVAL_MAX_S = 300


def group_of(stage: Stage) -> str:
    """The consumer group that the workers of a stage share."""
    return f"stocks-{stage}-workers"


def consumer_settings(settings: Mapping[str, Any], group: str, client_id: str) -> dict[str, Any]:
    """librdkafka's settings of one worker's consumer, on top of ``settings`` (brokers and security)."""
    return {
        "group.protocol": "consumer",
        "group.id": group,
        "client.id": client_id,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "max.poll.interval.ms": POLL_INTERVAL_MAX_S * 1000,  # guards the poll thread, which only polls
        "fetch.queue.backoff.ms": 20,
        "queued.min.messages": 1000,
        "queued.max.messages.kbytes": 8 * 1024,
        "reconnect.backoff.max.ms": 1000,
    } | dict(settings)
