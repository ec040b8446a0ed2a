"""What becomes of prices: how long they are kept, and which movements are worth an alert."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from include.settings.base import Settings


class RetentionSettings(Settings):
    """How long prices are kept; the sink worker drops what is older, once an hour."""

    ticks_days: int = Field(30, alias="TICKS_KEPT_DAYS", ge=1, description="days that market_ticks goes back")
    prices_days: int = Field(730, alias="PRICES_KEPT_DAYS", ge=1, description="days that price_history goes back")
    bars_days: int = Field(730, alias="BARS_KEPT_DAYS", ge=1, description="days that bars_1m and feed_gaps go back")
    movements_days: int = Field(
        365, alias="MOVEMENTS_KEPT_DAYS", ge=1, description="days that price_movements goes back"
    )


class MovementSettings(Settings):
    """Which price movements are worth an alert; the sink worker looks for them."""

    percent: float | None = Field(
        2, alias="MOVEMENT_PERCENT", gt=0, description="percent that a streamed price moves within its window, or 'off'"
    )
    window_s: float = Field(
        300, alias="MOVEMENT_WINDOW_S", gt=0, le=86_400, description="seconds, the window of streamed prices"
    )
    polled_percent: float | None = Field(
        5, alias="MOVEMENT_POLLED_PERCENT", gt=0, description="percent that a polled price moves, or 'off'"
    )
    polled_window_s: float = Field(
        345_600,
        alias="MOVEMENT_POLLED_WINDOW_S",
        gt=0,
        le=604_800,
        description="seconds, the window of polled prices; the default spans a weekend between two closes",
    )

    @field_validator("percent", "polled_percent", mode="before")
    @classmethod
    def _off_is_none(cls, value: Any) -> Any:
        return None if value == "off" else value

    @field_validator("percent", "polled_percent", "window_s", "polled_window_s")
    @classmethod
    def _finite(cls, value: float | None) -> float | None:
        if value == float("inf"):
            raise ValueError("it is not finite")
        return value
