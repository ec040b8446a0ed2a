"""What the local stack and docker-compose.yaml have in common: one source, and a test holds the other against it."""

from __future__ import annotations

import json
from collections.abc import Mapping

KAFKA_VERSION = "4.3.1"
AIRFLOW_COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}

# One broker: every internal topic has one replica. Retention by time alone would let a day of ticks fill a disk,
# so topics carry bounds of their own (include/contracts/topics.py); these are for what has none.
BROKER: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # How long a killed worker keeps its partitions, and how soon a rebalance is heard of: the KIP-848
    # group protocol leaves both to the broker (its defaults are 45 s and 5 s).
    "group.consumer.session.timeout.ms": "6000",
    "group.consumer.min.session.timeout.ms": "6000",
    "group.consumer.heartbeat.interval.ms": "1000",
    "group.consumer.min.heartbeat.interval.ms": "1000",
    # A quiet error topic, or a stack that is off for weeks, must not lose its place (the default is 7 days).
    "offsets.retention.minutes": str(90 * 24 * 60),
    "log.retention.bytes": str(2**30),
    "log.segment.bytes": str(64 * 2**20),  # retention works by whole segments
    "message.max.bytes": str(2 * 2**20),
}

# Airflow, wherever it runs. What differs by place (addresses, secrets, folders) is added there.
AIRFLOW: Mapping[str, str] = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",  # nobody is told what runs here
}


def kafka_connection(settings: Mapping[str, str]) -> str:
    """The value of ``AIRFLOW_CONN_KAFKA_DEFAULT`` for librdkafka ``settings`` (bootstrap.servers and security)."""
    # A short time-out: a delivery that fails must fail its task while somebody still looks.
    producer = {"enable.idempotence": "true", "acks": "all", "message.timeout.ms": "30000"}
    return json.dumps({"conn_type": "kafka", "extra": {**settings, **producer}})
