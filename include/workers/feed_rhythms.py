"""Which feeds are configured and how often they are asked: light, for whoever only wants to know."""

from __future__ import annotations

from collections.abc import Mapping

from include.errors import ConfigurationError
from include.feeds.catalog import FeedRow
from include.feeds.rhythm import spread_interval
from include.settings import AlpacaSettings, AlphaVantageSettings, BrapiSettings, PolygonSettings, Settings
from include.transport.budgets import Plan
from include.transport.limits import parse_limits, vendor_limits
from include.transport.quota import fingerprint

_SETTINGS: Mapping[str, type[Settings]] = {
    "polygon": PolygonSettings,
    "brapi": BrapiSettings,
    "alpha-vantage": AlphaVantageSettings,
    "alpaca-stocks": AlpacaSettings,
    "alpaca-crypto": AlpacaSettings,
}
_NO_FASTER_S = 60.0
_A_ROUND_MAY_WAIT_S = 900.0


def check_settings(row: FeedRow, environment: Mapping[str, str]) -> None:
    """Raises ConfigurationError naming what the feed lacks."""
    parse_limits(_quota(_SETTINGS[row.name].from_env(environment)))


def lacking(row: FeedRow, environment: Mapping[str, str]) -> str | None:
    """What the feed lacks to run, in one line; None when it is configured."""
    try:
        check_settings(row, environment)
    except ConfigurationError as error:
        return str(error)
    return None


def interval_s(row: FeedRow, environment: Mapping[str, str]) -> float:
    """Seconds from the start of one round of a polled feed to that of the next. Raises ConfigurationError."""
    match row.name:
        case "polygon":
            return PolygonSettings.from_env(environment).fetch_interval_s
        case "brapi":
            return BrapiSettings.from_env(environment).sync_interval_minutes * 60
        case "alpha-vantage":
            settings = AlphaVantageSettings.from_env(environment)
            limits = parse_limits(settings.quota or row.quota)
            symbols = len(settings.symbols or row.watchlist)
            return max(_NO_FASTER_S, *(spread_interval(symbols, each.allowed, each.window_s) for each in limits))
        case name:
            raise ConfigurationError(f"the feed {name} is not asked, it listens: run `stocks feed {name}`")


def plan(row: FeedRow, environment: Mapping[str, str]) -> Plan:
    """What the feed's vendor allows under the configured key. Raises ConfigurationError."""
    quota = _quota(_SETTINGS[row.name].from_env(environment))
    return Plan(row.source, vendor_limits(quota or row.quota), fingerprint(environment[row.variables[0]]))


def patience_s(row: FeedRow, environment: Mapping[str, str]) -> float:
    """Seconds of an open market without news after which the feed is stale. Raises ConfigurationError.

    Two rounds of a feed that is asked, and never less than its rounds may wait for a quota or for Airflow; twice the
    silence after which a feed that listens connects anew.
    """
    if row.polls:
        return max(_A_ROUND_MAY_WAIT_S, 2 * interval_s(row, environment))
    return 2 * AlpacaSettings.from_env(environment).mute_s


def watched(row: FeedRow, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The symbols that the feed is to bring. Raises ConfigurationError."""
    settings = _SETTINGS[row.name].from_env(environment)
    fields = type(settings).model_fields.items()
    chosen = next(getattr(settings, name) for name, field in fields if field.alias == row.symbols_variable)
    return chosen or row.watchlist


def _quota(settings: Settings) -> str | None:
    quota: str | None = getattr(settings, "quota", None)
    return quota
