"""Where everything is: the local state, PostgreSQL, Kafka, Airflow, MongoDB, SQLite, CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr

from include.errors import ConfigurationError
from include.settings.base import Settings
from include.settings.environment import PROJECT, Environment


class Home(Settings):
    """Where the local state lives."""

    home: Path = Field(PROJECT / ".stocks", alias="STOCKS_HOME", description="a folder for all local state")
    recordings: Path | None = Field(None, alias="STOCKS_RECORDINGS", description="a folder of recorded answers")


class _OfAStack(Settings):
    """What a running local stack sets for every command beside it: without any of it, no stack runs here."""

    @classmethod
    def from_env(cls, env: Environment) -> Self:
        required = [f.alias or name for name, f in cls.model_fields.items() if f.is_required()]
        if not any(env.get(name) for name in required):
            unset = ", ".join(required) + (" is not set" if len(required) == 1 else " are not set")
            raise ConfigurationError(
                f"no stack runs here (its folder would be {Home.from_env(env).home}), and {unset}. "
                "Start one with `stocks up` and ask again from another terminal. Or point to one that runs: set "
                "STOCKS_HOME to its folder, or the variables that .env.example names, in the environment or in .env"
            )
        return super().from_env(env)


class DatabaseSettings(_OfAStack):
    """PostgreSQL; ``DB_HOST`` may be the folder of a unix socket, which needs no password."""

    name: str = Field("stocks", alias="DB_DEV_NAME", description="the name of the application's database")
    user: str = Field(alias="DB_USER", description="the PostgreSQL role to sign in as (a running `stocks up` sets it)")
    password: SecretStr | None = Field(None, alias="DB_PASSWORD", description="that role's password")
    host: str = Field(
        alias="DB_HOST", description="a host name, or the folder of a unix socket (a running `stocks up` sets it)"
    )
    port: int = Field(5432, alias="DB_PORT", ge=1, le=65535, description="a port number")

    @classmethod
    def from_env(cls, env: Environment) -> Self:
        settings = super().from_env(env)
        if settings.password is None and not settings.host.startswith("/"):
            raise ConfigurationError("DB_PASSWORD is not set. It expects: the password of " + settings.user)
        return settings

    @property
    def connection(self) -> dict[str, Any]:
        """Keyword arguments of psycopg2.connect and psycopg.connect."""
        secret = {} if self.password is None else {"password": self.password.get_secret_value()}
        return {"dbname": self.name, "user": self.user, "host": self.host, "port": self.port} | secret


class KafkaSettings(_OfAStack):
    """The brokers, and every librdkafka security setting as ``KAFKA_`` plus its name in capitals."""

    SECURITY_PREFIXES: ClassVar[tuple[str, ...]] = ("security.", "sasl.", "ssl.", "enable.ssl.", "https.")

    bootstrap_servers: str = Field(
        alias="KAFKA_BOOTSTRAP_SERVERS", description="host:port, comma-separated (a running `stocks up` sets it)"
    )
    security: dict[str, SecretStr] = Field(default_factory=dict, exclude=True)

    @classmethod
    def from_env(cls, env: Environment) -> Self:
        names = {n: n.removeprefix("KAFKA_").lower().replace("_", ".") for n in env if n.startswith("KAFKA_")}
        security = {
            librdkafka: SecretStr(env[n])
            for n, librdkafka in names.items()
            if librdkafka.startswith(cls.SECURITY_PREFIXES) and env[n]
        }
        return super().from_env(env).model_copy(update={"security": security})

    def librdkafka(self) -> dict[str, Any]:
        """The settings every client of ours starts from."""
        return {"bootstrap.servers": self.bootstrap_servers} | {
            name: value.get_secret_value() for name, value in self.security.items()
        }


class AirflowSettings(_OfAStack):
    """Airflow's REST API, as the command line uses it."""

    url: str = Field(
        alias="AIRFLOW_URL",
        description="the base address, such as http://127.0.0.1:8080 (a running `stocks up` sets it)",
    )
    username: str = Field(alias="AIRFLOW_USERNAME", description="a user who may trigger DAGs")
    password: SecretStr = Field(alias="AIRFLOW_PASSWORD", description="that user's password")


class MongoSettings(Settings):
    """MongoDB, where the prices of the Brapi feed are kept."""

    url: SecretStr = Field(alias="MONGO_URL", description="a mongodb:// address, which may hold a password")
    kept_days: float = Field(
        365, alias="MONGO_KEPT_DAYS", gt=0, description="days after which documents are removed from price_history"
    )


class SqliteSettings(Home):
    """SQLite, where the prices of the Alpha Vantage feed are kept."""

    path: Path | None = Field(
        None, alias="SQLITE_PATH", description="a file; prices.sqlite3 in STOCKS_HOME when absent"
    )
    kept_days: float = Field(365, alias="SQLITE_KEPT_DAYS", gt=0, description="days after which prices are removed")

    @property
    def file(self) -> Path:
        """Where the database is."""
        return self.path or self.home / "prices.sqlite3"


class CsvSettings(Home):
    """CSV files of ticks: the backup that each stream writes, and what the sink writes where asked for."""

    backup: Literal["on", "off"] = Field("on", alias="BACKUP", description="on or off: whether streams write a backup")
    backup_folder: Path | None = Field(
        None,
        alias="BACKUP_FOLDER",
        description="a folder with one of each stream in it; STOCKS_HOME/backups when absent",
    )
    folder: Path | None = Field(None, alias="CSV_FOLDER", description="a folder for the sink's CSV files")
    file_mib: float = Field(
        16, alias="CSV_FILE_MIB", ge=0.001, le=1024, description="MiB after which a file is closed and compressed"
    )
    total_mib: float = Field(
        1024, alias="CSV_TOTAL_MIB", gt=0, description="MiB that one folder may take; the oldest files go first"
    )

    @property
    def file_bytes(self) -> int:
        """After how many bytes a file is closed."""
        return int(self.file_mib * 2**20)

    @property
    def total_bytes(self) -> int:
        """How many bytes the closed files of a folder may take."""
        return int(self.total_mib * 2**20)

    def backup_of(self, feed: str) -> Path:
        """Where the backup of ``feed`` is."""
        return (self.backup_folder or self.home / "backups") / feed
