"""The local stack as a whole: what is started after what, and what other commands are told."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import msgspec

from include.errors import Transient
from include.settings import Home, environment
from include.stack.airflow import USERNAME, LocalAirflow
from include.stack.broker import LocalBroker
from include.stack.chromium import screener
from include.stack.configuration import KAFKA_VERSION
from include.stack.database import LocalDatabase
from include.stack.ending import MARK
from include.stack.guard import Guard, guard_program
from include.stack.ports import LOOPBACK, Ports, claim_ports
from include.stack.program import Program, last_words
from include.stack.programs import (
    Options,
    market_answers,
    market_program,
    market_variables,
    without_proxies,
    worker_answers,
    worker_programs,
)
from include.stack.schema import bring_up_to_date
from include.stack.screen import Screen
from include.stack.state import StateFolder
from include.stack.supervisor import Supervisor, wait_for

# What ends first stands highest: nobody writes when the broker ends, nobody reads when PostgreSQL does.
DATABASE, BROKER, MARKET, WORKERS = range(4)
LIVE_QUOTA = "5/s 2000/h"
_SCRAPE = "regional_scrape"


class RunningStack(msgspec.Struct, frozen=True):
    """``environment`` is what a command needs to work with the stack; ``places`` say where a person finds what."""

    state: StateFolder
    environment: Mapping[str, str]
    airflow_environment: Mapping[str, str]
    places: Mapping[str, str]
    new_password: str | None


@contextmanager
def local_stack(
    options: Options, screen: Screen, settings: Callable[[], dict[str, str]] = environment
) -> Iterator[RunningStack]:
    """Everything started, and ended with all that it started when the block is left. Raises StocksError."""
    state = StateFolder(Home.from_env(settings()).home)
    state.prepare()
    with state.lock():
        state.withdraw()  # of a stack that could not do so itself
        try:
            mark = uuid.uuid4().hex[:12]
            env = settings() | {MARK: mark, "STOCKS_HOME": str(state.home), "PYTHONUNBUFFERED": "1"}
            env.pop("PYTHONDONTWRITEBYTECODE", None)  # a dozen programs would compile the same files at every start
            ports = claim_ports(env, local_market=options.market == "local")
            guard = Guard(guard_program(mark, state.environment_file, state.logs / "guard.log", env))
            with Supervisor(guard, mark, screen) as supervisor:
                yield _Start(options, screen, state, env, ports, supervisor).run()
        finally:
            state.withdraw()
            LocalDatabase(state.home / "postgres", state.logs / "postgres.log").discard_socket_folder()


class _Start:
    """The steps of a start, in their order."""

    def __init__(
        self,
        options: Options,
        screen: Screen,
        state: StateFolder,
        env: dict[str, str],
        ports: Ports,
        supervisor: Supervisor,
    ) -> None:
        self._options, self._screen, self._state, self._env = options, screen, state, env
        self._ports, self._supervisor = ports, supervisor
        self._variables = {"STOCKS_HOME": str(state.home), "NO_PROXY": _no_proxy(env)}

    def run(self) -> RunningStack:
        """Start everything. Raises StocksError."""
        database, broker = self._stores()
        secrets, new = self._state.secrets()
        airflow = LocalAirflow(
            self._state.home / "airflow",
            self._state.logs,
            port=self._ports.airflow,
            database=database.parameters("airflow"),
            secrets=secrets,
        )
        self._variables |= airflow.variables()
        self._sources()
        airflow_env = airflow.environment(without_proxies(self._env) | self._variables, broker.settings)
        self._orchestrate(airflow, airflow_env)
        self._work(airflow)
        self._state.publish(self._variables)
        return RunningStack(
            state=self._state,
            environment=self._env | self._variables,
            airflow_environment=airflow_env,
            places=self._places(airflow, database, broker),
            new_password=secrets.airflow_password if new else None,
        )

    def _stores(self) -> tuple[LocalDatabase, LocalBroker]:
        home, logs = self._state.home, self._state.logs
        broker = LocalBroker(
            home / "kafka", logs / "kafka.log", port=self._ports.kafka, controller_port=self._ports.controller
        )
        database = LocalDatabase(home / "postgres", logs / "postgres.log")
        with self._screen.step(f"Kafka {KAFKA_VERSION}: its files (the first start downloads them)"):
            kafka = broker.prepare()
            kafka_process = self._supervisor.start(kafka, rank=BROKER)
        with self._screen.step("PostgreSQL"):
            postgres = database.prepare()
            database.wait_ready(postgres, self._supervisor.start(postgres, rank=DATABASE))
        with self._screen.step(f"Kafka on {LOOPBACK}:{self._ports.kafka}"):
            broker.wait_ready(kafka, kafka_process)
        with self._screen.step("tables and topics"):
            bring_up_to_date(database.parameters(), broker.settings)
        self._variables |= database.variables()
        self._variables["KAFKA_BOOTSTRAP_SERVERS"] = broker.settings["bootstrap.servers"]
        return database, broker

    def _sources(self) -> None:
        """The local market, or what the live sources ask of us."""
        self._variables["SCREENER"] = screener(self._env, self._screen)
        port = self._ports.market
        if port is None:
            self._variables["YAHOO_QUOTA"] = self._env.get("YAHOO_QUOTA") or LIVE_QUOTA
            return
        self._env = without_proxies(self._env)
        program = market_program(self._options, port, self._env, self._state.logs)
        with self._screen.step(f"the local market on {LOOPBACK}:{port} ({self._options.profile})"):
            self._supervisor.start(program, rank=MARKET)
            self._await(lambda: market_answers(port), program, timeout_s=120)
        self._variables |= market_variables(self._state.home, port)

    def _orchestrate(self, airflow: LocalAirflow, env: Mapping[str, str]) -> None:
        with self._screen.step("Airflow's database"):
            airflow.prepare(env)
        for component in airflow.components(env):
            self._supervisor.start(component, rank=WORKERS)

    def _work(self, airflow: LocalAirflow) -> None:
        """Start the workers while Airflow loads, then wait for both."""
        workers = worker_programs(self._options, self._env | self._variables, self._state.logs)
        for worker in workers:
            self._supervisor.start(worker, rank=WORKERS)
        self._supervisor.supervise()
        components = {c.name: c for c in airflow.components(self._env)}
        with self._screen.step(f"Airflow on {airflow.url}"):
            self._await(airflow.healthy, components["airflow-api-server"], timeout_s=300)
            self._await(airflow.warm_up, components["airflow-api-server"], timeout_s=120)
            self._await(lambda: airflow.knows(_SCRAPE), components["airflow-dag-processor"], timeout_s=180)
        with self._screen.step(f"{len(workers)} workers"):
            for worker in workers:
                self._await(partial(worker_answers, self._state.home, worker.name), worker, timeout_s=180)

    def _await(self, ready: Callable[[], bool], program: Program, *, timeout_s: float) -> None:
        if not wait_for(ready, timeout_s=timeout_s):
            raise Transient(f"{program.name} was not ready within {timeout_s:.0f} s. {last_words(program.log)}")

    def _places(self, airflow: LocalAirflow, database: LocalDatabase, broker: LocalBroker) -> dict[str, str]:
        found = database.parameters()
        places = {
            "Airflow": f"{airflow.url}, user {USERNAME}, password in {airflow.folder / 'passwords.json'}",
            "PostgreSQL": f"psql -h {found['host']} -U {found['user']} {found['dbname']}, "
            f"password in {database.password_file}",
            "Kafka": broker.settings["bootstrap.servers"],
            "Logs": str(self._state.logs),
        }
        if self._ports.market is not None:
            places["Local market"] = f"http://{LOOPBACK}:{self._ports.market}/_market/stats"
        return places


def _no_proxy(env: Mapping[str, str]) -> str:
    """Ours is never behind a proxy; what else the user named stays named."""
    named = [host for host in (env.get("NO_PROXY") or env.get("no_proxy") or "").split(",") if host.strip()]
    return ",".join(dict.fromkeys([LOOPBACK, "localhost", *named]))
