"""Environment -> typed settings, read once at the edge.

The environment wins over what the running local stack wrote about itself (``STOCKS_HOME/stack.env``), which
wins over ``.env``. Every class reads a mapping, so a test passes a dict; a missing or
malformed value is a ConfigurationError that names the variable and what it expects.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator

from include.contracts.market_cap import Band, band, parse_market_cap
from include.errors import ConfigurationError

PROJECT = Path(__file__).resolve().parent.parent

Environment = Mapping[str, str]

# How a source is reached. While the local market plays the sources, its own values win: a machine that
# exports a proxy or a CA bundle for everything else would not find the market, or not trust it.
_WAY_TO_THE_SOURCES = (
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "STOCKS_BROWSER_SPKI"),
)


def environment() -> dict[str, str]:
    """The process environment over the running local stack's own settings over ``.env``.

    A ``.env`` that was written for Docker does not lead the commands away from a local stack that runs.
    The way to the local market, while one runs, is the stack's alone to say.
    """
    written = {k: v for k, v in dotenv_values(PROJECT / ".env").items() if v is not None}
    home = Path({**written, **os.environ}.get("STOCKS_HOME") or PROJECT / ".stocks")
    stack = {k: v for k, v in dotenv_values(home / "stack.env").items() if v is not None}
    market = {k: stack[k] for k in _WAY_TO_THE_SOURCES if k in stack} if "STOCKS_BROWSER_SPKI" in stack else {}
    return written | stack | dict(os.environ) | market


class Settings(BaseModel):
    """Base of all settings: frozen, by the variables' own names, secrets hidden."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    @classmethod
    def from_env(cls, env: Environment) -> Self:
        """Read from a mapping; an empty value counts as absent. Raises ConfigurationError."""
        try:
            return cls.model_validate({name: value for name, value in env.items() if value != ""})
        except ValidationError as error:
            raise ConfigurationError("; ".join(cls._explain(e) for e in error.errors())) from None

    @classmethod
    def _explain(cls, error: Any) -> str:
        name = str(error["loc"][0]) if error["loc"] else cls.__name__
        description = next((f.description for n, f in cls.model_fields.items() if name in (n, f.alias)), None)
        expected = f" It expects: {description}" if description else ""
        if error["type"] == "missing":
            return f"{name} is not set.{expected}"
        return f"{name} is malformed: {error['msg'].removeprefix('Value error, ')}.{expected}"


class Home(Settings):
    """Where the local state lives."""

    home: Path = Field(PROJECT / ".stocks", alias="STOCKS_HOME", description="a folder for all local state")
    recordings: Path | None = Field(None, alias="STOCKS_RECORDINGS", description="a folder of recorded answers")


class DatabaseSettings(Settings):
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


class KafkaSettings(Settings):
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


class AirflowSettings(Settings):
    """Airflow's REST API, as the command line uses it."""

    url: str = Field(
        alias="AIRFLOW_URL",
        description="the base address, such as http://127.0.0.1:8080 (a running `stocks up` sets it)",
    )
    username: str = Field(alias="AIRFLOW_USERNAME", description="a user who may trigger DAGs")
    password: SecretStr = Field(alias="AIRFLOW_PASSWORD", description="that user's password")


class ScrapeSettings(Settings):
    """What a scrape does when nobody says otherwise."""

    schedule: str | None = Field("30 22 * * 1-5", alias="SCRAPE_SCHEDULE", description="a cron expression, or 'off'")
    timezone: str = Field("UTC", alias="SCRAPE_TIMEZONE", description="an IANA time zone, such as Europe/Berlin")
    regions: tuple[str, ...] = Field(
        ("us", "gb", "jp", "br", "de"), alias="SCRAPE_REGIONS", description="comma-separated two-letter regions"
    )
    market_cap_min: str | None = Field(None, alias="SCRAPE_MARKET_CAP_MIN", description="such as 100M")
    market_cap_max: str | None = Field(None, alias="SCRAPE_MARKET_CAP_MAX", description="such as 1B")
    screener: Literal["browser", "api"] = Field("browser", alias="SCREENER", description="browser or api")

    @field_validator("schedule", mode="before")
    @classmethod
    def _off_is_none(cls, value: Any) -> Any:
        return None if value == "off" else value

    @field_validator("regions", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(r.strip().lower() for r in value.split(",") if r.strip()) if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is not a time zone") from None
        return value

    @field_validator("market_cap_min", "market_cap_max")
    @classmethod
    def _parses(cls, value: str | None) -> str | None:
        parse_market_cap(value)
        return value

    @property
    def band(self) -> Band:
        """The market-cap band between the two bounds. Raises ConfigurationError."""
        try:
            return band(self.market_cap_min, self.market_cap_max)
        except ValueError as error:
            raise ConfigurationError(f"SCRAPE_MARKET_CAP_MIN and SCRAPE_MARKET_CAP_MAX: {error}") from None


class RunSettings(Settings):
    """When a run counts as failed or stalled."""

    failure_threshold: float = Field(
        0.05, alias="RUN_FAILURE_THRESHOLD", ge=0, le=1, description="a share of tasks from 0 to 1, such as 0.05"
    )
    stall_minutes: float = Field(
        15, alias="RUN_STALL_MINUTES", gt=0, description="minutes without an outcome before a run fails"
    )


class WorkerSettings(Settings):
    """What a worker may ask of its source, and how long it tries."""

    yahoo_quota: str | None = Field(
        None, alias="YAHOO_QUOTA", description="what all workers together may ask, such as 20/s 2000/min"
    )
    attempts: int = Field(8, alias="TASK_ATTEMPTS", ge=1, le=100, description="how often a task is tried, at least 1")
    wait_budget_s: float = Field(
        120, alias="TASK_WAIT_BUDGET_S", ge=0, description="seconds that a task may wait between its attempts"
    )
    min_free_disk_mib: int = Field(
        200, alias="MIN_FREE_DISK_MIB", ge=0, description="MiB that must be free, or the workers pause"
    )


def _symbols(value: Any) -> Any:
    return tuple(s.strip().upper() for s in value.split(",") if s.strip()) if isinstance(value, str) else value


# None is the feed's own watchlist.
Symbols = Annotated[tuple[str, ...] | None, BeforeValidator(_symbols)]


class PolygonSettings(Settings):
    """The Polygon feed."""

    api_key: SecretStr = Field(alias="POLYGON_API_KEY", description="a key of polygon.io")
    base_url: str = Field("https://api.polygon.io", alias="POLYGON_BASE_URL", description="an address")
    symbols: Symbols = Field(None, alias="POLYGON_SYMBOLS", description="comma-separated tickers")
    fetch_interval_s: float = Field(60, alias="FETCH_INTERVAL", gt=0, description="seconds between rounds")
    retry_attempts: int = Field(3, alias="RETRY_ATTEMPTS", ge=0, le=6, description="a number of retries, at most 6")
    quota: str | None = Field(None, alias="POLYGON_QUOTA", description="what the plan allows, such as 5/min")


class BrapiSettings(Settings):
    """The Brapi feed."""

    token: SecretStr = Field(alias="BRAPI_TOKEN", description="a token of brapi.dev")
    tickers: Symbols = Field(None, alias="BRAPI_TICKERS", description="comma-separated tickers")
    sync_interval_minutes: float = Field(30, alias="SYNC_INTERVAL_MINUTES", gt=0, description="minutes")
    batch_size: int = Field(10, alias="BRAPI_BATCH_SIZE", ge=1, le=50, description="tickers per request, 1 to 50")
    quota: str | None = Field(None, alias="BRAPI_QUOTA", description="what the plan allows, such as 15000/month")


class AlphaVantageSettings(Settings):
    """The Alpha Vantage feed."""

    api_key: SecretStr = Field(alias="ALPHAVANTAGE_API_KEY", description="a key of alphavantage.co")
    symbols: Symbols = Field(None, alias="ALPHAVANTAGE_SYMBOLS", description="comma-separated symbols")
    quota: str | None = Field(None, alias="ALPHAVANTAGE_QUOTA", description="what the plan allows, such as 25/day")


class AlpacaSettings(Settings):
    """The Alpaca feeds."""

    key_id: SecretStr = Field(alias="APCA_API_KEY_ID", description="a key id of alpaca.markets")
    secret_key: SecretStr = Field(alias="APCA_API_SECRET_KEY", description="that key's secret")
    stream_url: str | None = Field(
        None,
        alias="ALPACA_STREAM_URL",
        pattern="^wss?://",
        description="a ws:// or wss:// address; without a path, each feed's own is added",
    )
    data_url: str = Field("https://data.alpaca.markets", alias="ALPACA_DATA_URL", description="an address, for history")
    stocks: Symbols = Field(None, alias="ALPACA_STOCKS", description="comma-separated symbols")
    cryptos: Symbols = Field(None, alias="ALPACA_CRYPTOS", description="comma-separated pairs, such as BTC/USD")
    publish: Literal["changes", "all"] = Field(
        "changes", alias="ALPACA_PUBLISH", description="changes (of a symbol's price) or all"
    )
    mute_s: float = Field(
        90, alias="ALPACA_MUTE_S", gt=0, description="seconds of silence while the market trades before reconnecting"
    )
    quota: str | None = Field(None, alias="ALPACA_QUOTA", description="requests that the plan allows, such as 200/min")


class MongoSettings(Settings):
    """MongoDB, where the Brapi feed keeps its price history."""

    url: SecretStr = Field(alias="MONGO_URL", description="a mongodb:// address, which may hold a password")
