"""The local Airflow: four components of the real thing, on the loopback, on the local PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from include.errors import Transient
from include.settings import PROJECT
from include.stack.configuration import AIRFLOW, AIRFLOW_COMPONENTS, kafka_connection
from include.stack.ports import LOOPBACK
from include.stack.program import Program, last_words
from include.stack.state import Secrets, write_private

USERNAME = "admin"
# The scheduler waits for its running tasks, and one may wait for a quota for minutes. A killed task repeats itself
# at the next start and changes no result.
_TASKS_GRACE_S = 6.0
_HEALTHY_PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


class LocalAirflow:
    """Airflow with its files in ``folder``, its metadata in ``database`` (psycopg2's parameters)."""

    def __init__(self, folder: Path, logs: Path, *, port: int, database: Mapping[str, Any], secrets: Secrets) -> None:
        self.folder = folder
        self.url = f"http://{LOOPBACK}:{port}"
        self._logs = logs
        self._port = port
        self._database = database
        self._secrets = secrets

    def variables(self) -> dict[str, str]:
        """Where the command line finds its REST API."""
        return {
            "AIRFLOW_URL": self.url,
            "AIRFLOW_USERNAME": USERNAME,
            "AIRFLOW_PASSWORD": self._secrets.airflow_password,
        }

    def environment(self, base: Mapping[str, str], kafka: Mapping[str, str]) -> dict[str, str]:
        """What every component sees: ``base`` without anybody's Airflow settings, and ours."""
        inherited = {name: value for name, value in base.items() if not name.startswith("AIRFLOW__")}
        return inherited | {
            **AIRFLOW,
            "AIRFLOW_HOME": str(self.folder),
            "PYTHONPATH": str(PROJECT),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            # A scrape and its monitor need four; a feed's round may hold one while it waits for its quota.
            "AIRFLOW__CORE__PARALLELISM": "6",
            "AIRFLOW__CORE__FERNET_KEY": self._secrets.fernet_key,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USERNAME}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.folder / "passwords.json"),
            "AIRFLOW__API__HOST": LOOPBACK,
            "AIRFLOW__API__PORT": str(self._port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__SECRET_KEY": self._secrets.api_secret_key,
            "AIRFLOW__API_AUTH__JWT_SECRET": self._secrets.jwt_secret,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self._connection(),
            # It sets the modes of its tasks' logs itself, and its defaults let everybody read them.
            "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
            "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
            # The defaults, five minutes and half of one, are for hundreds of files.
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
            "AIRFLOW_CONN_KAFKA_DEFAULT": kafka_connection(kafka),
        }

    def prepare(self, env: Mapping[str, str]) -> None:
        """Write the password file and migrate the metadata, once per version. Raises Transient."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_private(self.folder / "passwords.json", msgspec.json.encode({USERNAME: self._secrets.airflow_password}))
        done = self.folder / "migrated"
        current = version("apache-airflow")
        if done.exists() and done.read_text(encoding="ascii") == current:
            return
        log = self._logs / "airflow-migrate.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            command = [*_AIRFLOW, "db", "migrate"]
            code = subprocess.run(command, env=dict(env), stdout=file, stderr=subprocess.STDOUT, check=False).returncode
        if code != 0:
            raise Transient(f"Airflow's database could not be migrated. {last_words(log)}")
        done.write_text(current, encoding="ascii")

    def components(self, env: Mapping[str, str]) -> list[Program]:
        """The four components."""
        return [
            Program(
                f"airflow-{name}",
                (*_AIRFLOW, *arguments),
                env,
                self._logs / f"airflow-{name}.log",
                PROJECT,
                grace_s=_TASKS_GRACE_S,
            )
            for name, arguments in AIRFLOW_COMPONENTS.items()
        ]

    def healthy(self) -> bool:
        """Whether all four say that they are well."""
        answer = _ask(f"{self.url}/api/v2/monitor/health")
        return answer is not None and all(
            (answer.get(part) or {}).get("status") == "healthy" for part in _HEALTHY_PARTS
        )

    def warm_up(self) -> bool:
        """Ask the execution API once: it loads on its first question, which should not be a task's."""
        return _ask(f"{self.url}/execution/health", timeout_s=30) is not None

    def knows(self, dag_id: str) -> bool:
        """Whether the DAG is there to be triggered."""
        credentials = {"username": USERNAME, "password": self._secrets.airflow_password}
        try:
            with httpx.Client(base_url=self.url, timeout=10, trust_env=False) as client:
                token = client.post("/auth/token", json=credentials).raise_for_status().json()["access_token"]
                answer = client.get(f"/api/v2/dags/{dag_id}", headers={"Authorization": f"Bearer {token}"})
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    def _connection(self) -> str:
        user, password = quote(self._database["user"]), quote(self._database["password"])
        host = quote(str(self._database["host"]), safe="/")
        return f"postgresql+psycopg2://{user}:{password}@/{self._database['dbname']}?host={host}"


_AIRFLOW = (sys.executable, "-m", "airflow")


def _ask(url: str, *, timeout_s: float = 5) -> dict[str, Any] | None:
    try:
        # Whatever proxy the environment names, this is our own machine.
        answer = httpx.get(url, timeout=timeout_s, trust_env=False).raise_for_status()
    except httpx.HTTPError:
        return None
    found: dict[str, Any] = answer.json()
    return found
