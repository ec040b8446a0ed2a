"""All that a running stack would tell anybody who asks it, written into files."""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import psutil
import pymongo
from bson import json_util
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from end_to_end.stack import Stack

from include.settings import DatabaseSettings
from include.stack.postgres_place import programs

_COMMANDS = (
    ("monitor", "--once", "--json"),
    ("verify", "latest", "--json"),
    ("dead-letters", "list", "--json"),
)
# Of Airflow's REST API: what it says of runs, tasks, their logs and what they hand on; `~` is all of them.
_AIRFLOW = (
    "/api/v2/dags/~/dagRuns?limit=100",
    "/api/v2/dags/~/dagRuns/~/taskInstances?limit=100",
    "/api/v2/dags/~/dagRuns/~/taskInstances/~/xcomEntries?limit=100",
    "/api/v2/assets/events?limit=100",
    "/api/v2/eventLogs?limit=100",
    "/api/v2/importErrors",
    "/api/v2/dagWarnings",
    "/api/v2/connections",
    "/api/v2/variables",
    "/api/v2/config",
    "/api/v2/plugins",
    "/api/v2/monitor/health",
    "/ui/config",
)
_CONSOLE = ("/stocks/feeds", "/stocks/feeds.json")


def gather(stack: Stack, folder: Path) -> None:
    """Ask every part of ``stack`` for everything, and write the answers into ``folder``."""
    folder.mkdir(exist_ok=True)
    for name, content in _all(stack):
        (folder / name).write_bytes(content)


def _all(stack: Stack) -> Iterator[tuple[str, bytes]]:
    yield from _databases(stack)
    yield "kafka", b"\n".join(_messages(stack))
    yield "mongo.json", _documents(stack)
    for number, path in enumerate(stack.home.rglob("*.csv.gz")):
        yield f"backup-{number}.csv", gzip.decompress(path.read_bytes())
    for number, arguments in enumerate(_COMMANDS):
        done = stack.stocks(*arguments)
        yield f"command-{number}", f"{arguments} {done.returncode}\n{done.stdout}{done.stderr}".encode()
    yield "processes", "\n".join(" ".join(process.cmdline()) for process in stack.processes()).encode()
    yield from _airflow(stack)
    for port in listening(stack):
        for path in ("healthz", "metrics", "_market/stats"):
            yield f"{port}-{path.replace('/', '-')}", _asked(f"http://127.0.0.1:{port}/{path}")


def listening(stack: Stack) -> set[int]:
    """The ports of our own programs. Every one that any process of the stack has is on the loopback, or this fails."""
    found = set()
    for process in stack.processes():
        with suppress(psutil.NoSuchProcess):
            ours = "include.cli" in process.cmdline()
            for connection in process.net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN:
                    assert ip_address(connection.laddr.ip.removeprefix("::ffff:")).is_loopback, (process, connection)
                    found |= {connection.laddr.port} if ours else set()
    return found


def _databases(stack: Stack) -> Iterator[tuple[str, bytes]]:
    known = DatabaseSettings.from_env(stack.variables).connection
    for name in (known["dbname"], "airflow"):
        place = ["-h", known["host"], "-p", str(known["port"]), "-U", known["user"], name]
        env = {"PGPASSWORD": known["password"]}
        done = subprocess.run([programs() / "pg_dump", *place], env=env, capture_output=True, check=True)
        yield f"{name}.sql", done.stdout


def _messages(stack: Stack) -> Iterator[bytes]:
    """Keys, values and headers of all topics, Kafka's own too."""
    servers = stack.variables["KAFKA_BOOTSTRAP_SERVERS"]
    settings = {"bootstrap.servers": servers, "group.id": "canary", "enable.auto.commit": False}
    consumer = Consumer({**settings, "enable.partition.eof": False})
    try:
        topics = consumer.list_topics(timeout=20).topics
        places = [TopicPartition(t, p, OFFSET_BEGINNING) for t, topic in topics.items() for p in topic.partitions]
        ends = {(p.topic, p.partition): consumer.get_watermark_offsets(p, timeout=20)[1] for p in places}
        wanted = {place: end for place, end in ends.items() if end}
        consumer.assign([p for p in places if (p.topic, p.partition) in wanted])
        while wanted:
            batch = consumer.consume(1000, timeout=0.3)
            for message in batch:
                yield repr((message.topic(), message.headers())).encode()
                yield message.key() or b""
                yield message.value() or b""
            at = consumer.position([TopicPartition(*place) for place in wanted])
            wanted = {(p.topic, p.partition): e for p in at if (e := wanted[p.topic, p.partition]) > p.offset}
    finally:
        consumer.close()


def _documents(stack: Stack) -> bytes:
    with pymongo.MongoClient[dict[str, Any]](stack.variables["MONGO_URL"]) as client:
        everything = {
            name: {c: list(client[name][c].find({})) for c in client[name].list_collection_names()}
            for name in client.list_database_names()
        }
        return json_util.dumps(everything).encode()


def _airflow(stack: Stack) -> Iterator[tuple[str, bytes]]:
    variables = stack.variables
    credentials = {"username": variables["AIRFLOW_USERNAME"], "password": variables["AIRFLOW_PASSWORD"]}
    with httpx.Client(base_url=variables["AIRFLOW_URL"], timeout=60, trust_env=False) as client:
        token = client.post("/auth/token", json=credentials).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for path in _CONSOLE:
            yield "console" + path.replace("/", "-"), client.get(path).raise_for_status().content
        for number, path in enumerate(_AIRFLOW):
            answer = client.get(path)
            yield f"airflow-{number}", f"{path} {answer.status_code}\n".encode() + answer.content


def _asked(url: str) -> bytes:
    """What is answered there; many of these ports speak no HTTP."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).content
    except httpx.HTTPError as error:
        return repr(error).encode()
