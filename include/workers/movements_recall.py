"""Which movements were told, as the topic of the alerts has them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from include.contracts.prices import PriceMovement
from include.contracts.topics import PRICE_ALERTS
from include.errors import Permanent
from include.transport.admin import topic_ids
from include.transport.codec import decode
from include.transport.span import SpanReader
from include.workers.movements_partition import Told

log = logging.getLogger(__name__)

# The clocks of those who send prices and of those who send alerts differ by less.
_CLOCKS = timedelta(minutes=1)


class Recall:
    """Reads the alerts back, from a moment on.

    What was read for an earlier moment serves for a later one, until ``close``.
    """

    def __init__(self, kafka: Mapping[str, Any]) -> None:
        self._kafka = kafka
        self._reader: SpanReader | None = None
        self._since: datetime | None = None
        self._told: Told = frozenset()

    def since(self, moment: datetime) -> Told:
        """All movements told of by messages that were sent at ``moment`` or later. Raises Transient."""
        if self._since is None or moment < self._since:
            if self._reader is None:
                self._reader = SpanReader(self._kafka, topic_ids(self._kafka, [PRICE_ALERTS]))
            self._told = frozenset(self._read(self._reader, moment - _CLOCKS))
            self._since = moment
            log.info("%d movements were told since %s", len(self._told), moment.isoformat())
        return self._told

    def close(self) -> None:
        """Let go of the brokers and of what was read; the next question is asked anew."""
        if self._reader is not None:
            self._reader.close()
        self._reader, self._since, self._told = None, None, frozenset()

    @staticmethod
    def _read(reader: SpanReader, since: datetime) -> set[tuple[str, str, datetime, float]]:
        found = set()
        for record in reader.read(reader.span([PRICE_ALERTS.name], since)):
            try:
                alert = decode(record.value, PriceMovement)
            except Permanent as error:
                log.warning("an alert at %s [%d] cannot be read: %s", record.topic, record.partition, error)
                continue
            found.add((alert.source, alert.symbol, alert.moved_to_at, alert.price_after))
        return found
