"""Environment -> typed settings, read once at the edge.

The environment wins over what the running local stack wrote about itself (``STOCKS_HOME/stack.env``), which
wins over ``.env``. Every class reads a mapping, so a test passes a dict; a missing or
malformed value is a ConfigurationError that names the variable and what it expects.
"""

from include.settings.base import Settings
from include.settings.environment import PROJECT, Environment, environment, lead_clients
from include.settings.places import (
    AirflowSettings,
    CsvSettings,
    DatabaseSettings,
    Home,
    KafkaSettings,
    MongoSettings,
    SqliteSettings,
)
from include.settings.prices import MovementSettings, RetentionSettings
from include.settings.vendors import AlpacaSettings, AlphaVantageSettings, BrapiSettings, PolygonSettings
from include.settings.work import HistorySettings, RunSettings, ScrapeSettings, WorkerSettings

__all__ = [
    "PROJECT",
    "AirflowSettings",
    "AlpacaSettings",
    "AlphaVantageSettings",
    "BrapiSettings",
    "CsvSettings",
    "DatabaseSettings",
    "Environment",
    "HistorySettings",
    "Home",
    "KafkaSettings",
    "MongoSettings",
    "MovementSettings",
    "PolygonSettings",
    "RetentionSettings",
    "RunSettings",
    "ScrapeSettings",
    "Settings",
    "SqliteSettings",
    "WorkerSettings",
    "environment",
    "lead_clients",
]
