"""What is done when nobody says otherwise: scrapes, runs, workers."""

from __future__ import annotations

from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from include.contracts.market_cap import Band, band, parse_market_cap
from include.errors import ConfigurationError
from include.settings.base import Settings


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


class HistorySettings(Settings):
    """How long runs and observations are kept in full; pipeline_monitor drops what is older, once a day."""

    runs_days: int = Field(90, alias="RUNS_KEPT_DAYS", ge=1, description="days that an ended run is kept")
    quotes_days: int = Field(
        400, alias="QUOTES_KEPT_DAYS", ge=1, description="days that every quote is kept; of older ones the week's first"
    )
    rates_days: int = Field(
        400,
        alias="RATES_KEPT_DAYS",
        ge=1,
        description="days that every rate is kept; of older ones the day's last",
    )
    dead_letters_days: int = Field(
        90,
        alias="DEAD_LETTERS_KEPT_DAYS",
        ge=1,
        description="days that a dead letter is kept after its replay or discard; a waiting one is kept for ever",
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
