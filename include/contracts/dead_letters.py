"""The headers of a dead letter. Key and value are the original's, byte for byte; why is here.

The ``__dlq.`` names are KIP-1191's, ``kafka_dlt-original-topic`` is Spring's, ``x-stocks-`` ours.
All values are UTF-8 text. No secret and no URL with a key ever enters one.
"""

from __future__ import annotations

from enum import StrEnum

ORIGIN_TOPIC = "__dlq.errors.topic"
ORIGIN_PARTITION = "__dlq.errors.partition"
ORIGIN_OFFSET = "__dlq.errors.offset"
ORIGIN_GROUP = "__dlq.errors.group"
DELIVERY_COUNT = "__dlq.errors.delivery.count"
MESSAGE = "__dlq.errors.message"
SPRING_ORIGIN_TOPIC = "kafka_dlt-original-topic"

PREFIX = "x-stocks-"
RUN_ID = PREFIX + "run-id"
TASK_ID = PREFIX + "task-id"
STAGE = PREFIX + "stage"
EXCEPTION_CLASS = PREFIX + "exception-class"
STACKTRACE = PREFIX + "stacktrace"
FINGERPRINT = PREFIX + "fingerprint"
DISPOSITION = PREFIX + "disposition"
ATTEMPTS = PREFIX + "attempts"
ORIGINAL_TIMESTAMP = PREFIX + "original-timestamp"
FIRST_FAILED_AT = PREFIX + "first-failed-at"
LAST_FAILED_AT = PREFIX + "last-failed-at"
REPLAY_COUNT = PREFIX + "replay-count"

# On a replayed message only: how often it was replayed (REPLAY_COUNT), of which letter
# (``topic id/partition/offset``, so that no letter is sent twice), and where it first came from
# (JSON: topic, partition, offset, timestamp, failed_at).
REPLAY_OF = PREFIX + "replay-of"
FIRST_ORIGIN = PREFIX + "first-origin"

STACKTRACE_LIMIT_BYTES = 8 * 1024


class Disposition(StrEnum):
    """Why a task became a dead letter."""

    POISON = "poison"  # cannot succeed as it is: garbage, or a Permanent failure
    EXHAUSTED = "exhausted"  # Transient failures used up its attempts or its wait budget
    BREAKER = "breaker"  # given up while its source's breaker was open


def is_ours(name: str) -> bool:
    """Whether a header speaks of a failure or a replay, and not of the task itself."""
    return name.startswith(("__dlq.", PREFIX)) or name == SPRING_ORIGIN_TOPIC
