"""Which secrets a program of the stack sees: those that it works with, and no others.

What a program does not have it cannot log, show in its environment to a crash reporter, or hand to what it starts.
"""

from __future__ import annotations

from collections.abc import Mapping

from include.settings.environment import VENDOR_VARIABLES
from include.workers.scrub import is_secret

_DATABASE = frozenset({"DB_PASSWORD"})
_BROKER = "KAFKA_"  # every security setting of librdkafka's
_ALPACA = frozenset({"APCA_API_KEY_ID", "APCA_API_SECRET_KEY"})


def worker(env: Mapping[str, str]) -> dict[str, str]:
    """For what scrapes and computes: the database and the broker."""
    return _trusting(env, _DATABASE)


def sink(env: Mapping[str, str]) -> dict[str, str]:
    """For what writes prices: MongoDB too."""
    return _trusting(env, _DATABASE | {"MONGO_URL"})


def stream(env: Mapping[str, str]) -> dict[str, str]:
    """For what listens to Alpaca: its keys too, and no other vendor's."""
    return _trusting(env, _DATABASE | _ALPACA)


def orchestrator(env: Mapping[str, str]) -> dict[str, str]:
    """For Airflow, which asks the polled vendors and tells of all feeds; who signs in there knows the password."""
    own = {name for name in env if name.startswith("AIRFLOW_") and name != "AIRFLOW_PASSWORD"}
    return _trusting(env, _DATABASE | own | set(VENDOR_VARIABLES))


def nobody(env: Mapping[str, str]) -> dict[str, str]:
    """For what needs no secret at all."""
    return {name: value for name, value in env.items() if not is_secret(name)}


def _trusting(env: Mapping[str, str], names: frozenset[str] | set[str]) -> dict[str, str]:
    return {
        name: value for name, value in env.items() if not is_secret(name) or name in names or name.startswith(_BROKER)
    }
