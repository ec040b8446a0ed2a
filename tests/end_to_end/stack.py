"""A whole stack as a person has it: started by `stocks up`, used by commands and by REST, ended by Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
from dotenv import dotenv_values

from include.settings import PROJECT

_STOCKS = [sys.executable, "-m", "include.cli"]
_START_S, _STOP_S = 240, 90


class Stack:
    """A running local stack on ports of its own."""

    def __init__(self, home: Path, *options: str, env: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.env = {**os.environ, **(env or {})} | {
            "STOCKS_HOME": str(home),
            "AIRFLOW_PORT": "0",
            "KAFKA_PORT": "0",
            "KAFKA_CONTROLLER_PORT": "0",
            "MARKET_PORT": "0",
            "MONGO_PORT": "0",
            "SCRAPE_SCHEDULE": "off",
        }
        home.mkdir(parents=True)
        self._output = home / "up.log"
        with self._output.open("wb") as output:
            self._up = subprocess.Popen(
                [*_STOCKS, "up", *options],
                env=self.env,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait(lambda: "Ctrl-C stops everything" in self.said or self._up.poll() is not None, "it is up", _START_S)
        assert self._up.poll() is None, self.said

    @property
    def said(self) -> str:
        """All that `stocks up` has printed."""
        return self._output.read_text("utf-8")

    @property
    def variables(self) -> dict[str, str]:
        """What the stack tells other commands."""
        return {name: value or "" for name, value in dotenv_values(self.home / "stack.env").items()}

    @property
    def up(self) -> psutil.Process:
        """`stocks up` itself."""
        return psutil.Process(self._up.pid)

    def processes(self) -> list[psutil.Process]:
        """Every process of the stack."""
        try:
            return self.up.children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def process(self, word: str) -> psutil.Process:
        """The first of its processes whose command line has ``word``."""
        return next(p for p in self.processes() if word in _words(p))

    def told(self) -> str:
        """What a person would look at first: the latest run, and what the stack has said."""
        return self.stocks("monitor", "--once").stdout + self.said

    def stocks(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one `stocks` command."""
        return subprocess.run(
            [*_STOCKS, *arguments], env=self.env, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=240
        )

    def start_scrape(self, regions: str) -> str:
        """Trigger a run by command; its id."""
        answer = self.stocks("scrape", "--regions", regions, "--json")
        assert answer.returncode == 0, answer.stderr
        return str(json.loads(answer.stdout)["run_id"])

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self._up.send_signal(signal.SIGINT)
        return self._up.wait(_STOP_S)

    def kill(self) -> None:
        """The last resort of a test that failed: the guard ends the rest."""
        if self._up.poll() is None:
            self._up.kill()
            self._up.wait()


class Rest:
    """Airflow's REST API, as any client uses it."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._client = httpx.Client(base_url=variables["AIRFLOW_URL"], timeout=30, trust_env=False)
        credentials = {"username": variables["AIRFLOW_USERNAME"], "password": variables["AIRFLOW_PASSWORD"]}
        token = self._client.post("/auth/token", json=credentials).raise_for_status().json()["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def trigger(self, conf: dict[str, Any]) -> httpx.Response:
        """Ask for a run of regional_scrape."""
        return self._client.post("/api/v2/dags/regional_scrape/dagRuns", json={"logical_date": None, "conf": conf})

    def state(self, run_id: str) -> str:
        """The state of a DAG run."""
        answer = self._client.get(f"/api/v2/dags/regional_scrape/dagRuns/{run_id}").raise_for_status()
        return str(answer.json()["state"])

    def page(self, path: str) -> httpx.Response:
        """A page beside the API, as a signed-in user."""
        return self._client.get(path)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()


def wait(
    condition: Callable[[], object], what: str, timeout_s: float = 240, told: Callable[[], str] = lambda: ""
) -> None:
    """Wait for a condition, never for luck; ``told`` is shown when it does not come."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s in vain until {what}\n{told()}"
        time.sleep(0.05)


def _words(process: psutil.Process) -> list[str]:
    """Its command line; none where it has ended since it was listed."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
