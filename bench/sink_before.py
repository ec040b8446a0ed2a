"""The way that the sink replaces: kafka-python, and an INSERT and a COMMIT per message. JSON in, a line of JSON out.

It runs in an environment of its own (bench/kafka_python.txt), so nothing of the project is imported.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import psycopg2
from kafka import KafkaConsumer


def rate(servers: str, topic: str, columns: list[str], count: int, database: dict[str, Any]) -> float:
    """Messages per second, from the first on."""
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=servers,
        group_id=f"bench-before-{time.time_ns()}",
        auto_offset_reset="earliest",
        value_deserializer=json.loads,
    )
    values = ", ".join(f"%({name})s" for name in columns)
    insert = f"INSERT INTO market_ticks ({', '.join(columns)}) VALUES ({values}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of columns, from above
    connection = psycopg2.connect(**database)
    written, began = 0, 0.0
    with connection.cursor() as cursor:
        for message in consumer:
            began = began or time.monotonic()
            cursor.execute(insert, {**dict.fromkeys(columns), **message.value})
            connection.commit()
            written += 1
            if written >= count:
                break
    seconds = time.monotonic() - began
    consumer.close()
    connection.close()
    return written / seconds


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"rate": rate(**json.load(sys.stdin))}) + "\n")
