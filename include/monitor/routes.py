"""How far the sinks are behind: a store that is away holds up its own route, and this is where it is seen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from include.contracts.topics import TOPICS
from include.errors import ConfigurationError, Transient
from include.settings import KafkaSettings
from include.transport.lag import Lag, LagReader

PREFIX = "stocks-sink-"


def route_lags(env: Mapping[str, str]) -> tuple[tuple[Lag, ...], str | None]:
    """-> the lag of every route that ever ran; or none, and why it cannot be told."""
    try:
        settings = KafkaSettings.from_env(env).librdkafka()
        reader = _reader(tuple(sorted(settings.items())))
        readers = {
            group: topic for group in reader.groups(PREFIX) for topic in TOPICS if group.endswith(f"-{topic.name}")
        }
        return reader.lags(readers), None
    except (ConfigurationError, Transient) as error:
        return (), str(error)


def store_of(lag: Lag) -> str:
    """The store whose route it is."""
    return lag.group.removeprefix(PREFIX).removesuffix(f"-{lag.topic}")


@lru_cache(maxsize=2)
def _reader(settings: tuple[tuple[str, Any], ...]) -> LagReader:
    """One connection per process, however often somebody looks."""
    return LagReader(dict(settings))
