"""Once a day: Airflow's task logs and metadata that are too old go. A file remembers when it was done last."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from include.errors import ConfigurationError, Transient
from include.settings import Home
from include.stack.housekeeping import clean_metadata, remove_old_files

_DAY_S = 24 * 3600.0
_LOOK_S = 3600.0


def is_due(home: Path, *, now: float | None = None) -> bool:
    """Whether a day has passed since it was done in the state folder ``home``."""
    try:
        done_at = _stamp(home).stat().st_mtime
    except FileNotFoundError:
        return True
    return (time.time() if now is None else now) - done_at >= _DAY_S


def tidy(home: Path, env: Mapping[str, str]) -> None:
    """Do it now, in the Airflow that ``env`` describes. Raises ConfigurationError or Transient."""
    airflow = env.get("AIRFLOW_HOME")
    if not airflow:
        raise ConfigurationError(
            "AIRFLOW_HOME is not set: this is for the Airflow whose environment it has; a local stack tidies itself"
        )
    remove_old_files(Path(airflow) / "logs")
    clean_metadata(env)
    _stamp(home).touch()


def tidy_daily(env: Mapping[str, str], stop: threading.Event) -> None:
    """Do it whenever it is due, until ``stop``. Raises ConfigurationError."""
    home = Home.from_env(env).home
    while not stop.is_set():
        if is_due(home):
            try:
                tidy(home, env)
            except Transient as error:
                sys.stderr.write(f"{error}; it is tried again in an hour\n")
        stop.wait(_LOOK_S)


def _stamp(home: Path) -> Path:
    return home / "tidied"
