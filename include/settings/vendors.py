"""The vendors of prices: keys, addresses, watchlists, plans."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr

from include.settings.base import Settings


def _symbols(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(s.strip().upper() for s in value.split(",") if s.strip()))


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
