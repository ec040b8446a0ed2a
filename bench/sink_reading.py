"""Reading ticks with the sink's own settings and writing nothing; prints a line of JSON."""

from __future__ import annotations

import json
import sys
import time

from confluent_kafka import Consumer

from include.contracts.topics import MARKET_TICKS
from include.settings import KafkaSettings, environment
from include.transport.consumer import consumer_settings
from include.workers.sink_running import AHEAD


def rate(count: int) -> float:
    """Messages per second, from the first on."""
    kafka = KafkaSettings.from_env(environment()).librdkafka()
    consumer = Consumer(consumer_settings(kafka, f"bench-reading-{time.time_ns()}", "bench") | AHEAD)
    consumer.subscribe([MARKET_TICKS.name])
    try:
        read = first = len(consumer.consume(1, timeout=60))
        began = time.monotonic()
        while read < count:
            read += sum(message.error() is None for message in consumer.consume(2000, timeout=1))
        return (count - first) / (time.monotonic() - began)
    finally:
        consumer.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"rate": rate(int(sys.argv[1]))}) + "\n")
