"""Where the secrets of a local stack may be, and with whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil
from end_to_end.stack import Stack

from canary.looking import Found, found_in

AIRFLOWS = {"airflow_password", "api_secret_key", "jwt_secret", "fernet_key"}
ALPACAS = {"APCA_API_KEY_ID", "APCA_API_SECRET_KEY"}
_POLLED = {"POLYGON_API_KEY", "BRAPI_TOKEN", "ALPHAVANTAGE_API_KEY"}

# Below the state folder, each read by its owner alone.
KEPT = {
    "secrets.json": AIRFLOWS,
    "stack.env": {"DB_PASSWORD", "airflow_password"},
    "postgres/password": {"DB_PASSWORD"},
    "airflow/passwords.json": {"airflow_password"},
}
_SHOWN = {"up.log": {"airflow_password"}}  # where these tests put what the terminal shows
# Whose environment may have what: the first words that are in a command line decide.
_TRUSTED = (
    ("include.cli up", _POLLED | ALPACAS | {"MONGO_URL"}),  # what its user had exported
    ("airflow", _POLLED | ALPACAS | (AIRFLOWS - {"airflow_password"}) | {"DB_PASSWORD"}),
    ("feed alpaca", ALPACAS | {"DB_PASSWORD"}),
    ("worker", {"DB_PASSWORD"}),
    ("", set[str]()),
)


def misplaced(home: Path, told: Iterable[Path], secrets: Mapping[str, str]) -> set[Found]:
    """Secrets in any file of ``home`` and ``told`` that is not where they are kept."""
    kept = {Found(name, home / file) for file, names in (KEPT | _SHOWN).items() for name in names}
    return found_in([home, *told], secrets) - kept


def held(stack: Stack, secrets: Mapping[str, str]) -> dict[str, set[str]]:
    """-> the command lines of the stack's processes, and which of ``secrets`` are in their environments."""
    found: dict[str, set[str]] = {}
    for process in (stack.up, *stack.processes()):
        try:
            values, command = process.environ().values(), " ".join(process.cmdline())
        except psutil.NoSuchProcess:
            continue
        found[command] = {name for name, secret in secrets.items() if any(secret in value for value in values)}
    return found


def untrusted(held_by: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Of what ``held`` found, whatever a program has no business with."""
    allowed = {command: next(names for words, names in _TRUSTED if words in command) for command in held_by}
    return {command: names - allowed[command] for command, names in held_by.items() if names - allowed[command]}
