"""What is started after what, and what other commands and people are told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from include.errors import ConfigurationError, Transient
from include.stack import trust
from include.stack.airflow import USERNAME, LocalAirflow
from include.stack.broker import LocalBroker
from include.stack.chromium import screener
from include.stack.configuration import KAFKA_VERSION
from include.stack.database import LocalDatabase
from include.stack.feeds import (
    FeedPlan,
    gently,
    local_vendors,
    plan,
    polled_by_airflow,
    sink_program,
    stream_programs,
    without_vendors,
)
from include.stack.mongo import LocalMongo
from include.stack.ports import LOOPBACK, Ports
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


class Start:
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
        self._options, self._screen, self._state = options, screen, state
        self._ports, self._supervisor = ports, supervisor
        # NO_PROXY has all that the first names, and programs would believe it before; MongoDB is the stack's own.
        self._env = {name: value for name, value in env.items() if name not in ("no_proxy", "MONGO_URL")}
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
        airflow_env = airflow.environment(trust.orchestrator(polled_by_airflow(self._environment())), broker.settings)
        self._orchestrate(airflow, airflow_env)
        self._work(airflow)
        feeds = self._prices() if self._options.feeds else None
        self._state.publish(self._variables)
        return RunningStack(
            state=self._state,
            environment=self._env | self._variables,
            airflow_environment=airflow_env,
            places=self._places(airflow, database, broker, feeds),
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
        self._variables |= local_vendors(self._env, port)
        self._env = without_proxies(self._env)
        program = market_program(self._options, port, trust.nobody(without_vendors(self._env)), self._state.logs)
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
        workers = worker_programs(self._options, trust.worker(self._env | self._variables), self._state.logs)
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

    def _environment(self) -> dict[str, str]:
        """What a program of the stack sees; without feeds, no vendor's key."""
        found = self._env | self._variables
        return found if self._options.feeds else without_vendors(found)

    def _prices(self) -> FeedPlan:
        """Start what prices flow through. Nobody waits for it: the sink reads later what it has not read yet."""
        feeds = plan(self._environment())
        with self._screen.step(f"the sink worker and {len(feeds.streams)} streams of prices"):
            self._documents()
            env, logs = self._environment(), self._state.logs
            for program in (sink_program(trust.sink(env), logs), *stream_programs(feeds, trust.stream(env), logs)):
                self._supervisor.start(program, rank=WORKERS)
        for title, why in feeds.missing.items():
            self._screen(f"  ! the feed {title} does not run: {why}", style="yellow")
        return feeds

    def _documents(self) -> None:
        """MongoDB's stand-in. Everything else works without it, so a start that cannot have it goes on."""
        if self._ports.mongo is None:
            return
        mongo = LocalMongo(self._state.home / "mongo", self._state.logs / "mongo.log", port=self._ports.mongo)
        try:
            self._supervisor.start(gently(mongo.prepare()), rank=DATABASE)
        except Transient as error:
            self._screen(f"  ! Brapi's documents stay in Kafka for now: {error}", style="yellow")
            return
        self._variables["MONGO_URL"] = mongo.url()

    def _await(self, ready: Callable[[], bool], program: Program, *, timeout_s: float) -> None:
        """Wait until ``ready`` says so. Raises ConfigurationError for one that gives up, Transient after a time."""
        seen = wait_for(lambda: ready() or self._supervisor.gave_up(program.name), timeout_s=timeout_s)
        if self._supervisor.gave_up(program.name):
            raise ConfigurationError(f"{program.name} cannot run as it is configured. {last_words(program.log)}")
        if not seen:
            raise Transient(f"{program.name} was not ready within {timeout_s:.0f} s. {last_words(program.log)}")

    def _places(
        self, airflow: LocalAirflow, database: LocalDatabase, broker: LocalBroker, feeds: FeedPlan | None
    ) -> dict[str, str]:
        found = database.parameters()
        places = {
            "Airflow": f"{airflow.url}, user {USERNAME}, password in {airflow.folder / 'passwords.json'}",
            "PostgreSQL": f"psql -h {found['host']} -U {found['user']} {found['dbname']}, "
            f"password in {database.password_file}",
            "Kafka": broker.settings["bootstrap.servers"],
            "Logs": str(self._state.logs),
        }
        if "MONGO_URL" in self._variables:
            places["MongoDB"] = self._variables["MONGO_URL"]
        if feeds is not None:
            places["Feeds"] = feeds.said()
        if self._ports.market is not None:
            places["Local market"] = f"http://{LOOPBACK}:{self._ports.market}/_market/stats"
        return places


def _no_proxy(env: Mapping[str, str]) -> str:
    """Ours is never behind a proxy; what else the user named stays named."""
    named = [host for host in (env.get("NO_PROXY") or env.get("no_proxy") or "").split(",") if host.strip()]
    return ",".join(dict.fromkeys([LOOPBACK, "localhost", *named]))
