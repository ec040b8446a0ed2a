"""One station, one folder; imports point upstream. This is what keeps the tree a picture of the flow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
INCLUDE = PROJECT / "include"

LEAVES = {"contracts", "errors"}
# station -> what it may import of ours, beside itself; stations not named here may import any but the doors.
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "contracts": set(),
    "settings": LEAVES,
    "ratios": LEAVES,
    "scrapers": LEAVES,
    "feeds": LEAVES,
    "transport": LEAVES,
    "stores": LEAVES,
    "terminal": {"contracts"},
    "market": LEAVES | {"settings", "terminal"},
}
# Where stations meet: each may import the stations and those that stand before it here, so nothing runs in a circle.
MEETING_PLACES = ("ledger", "workers", "review", "monitor", "orchestration", "stack")
STATIONS = set(ALLOWED) - {"market"}
ALLOWED |= {place: STATIONS | set(MEETING_PLACES[:number]) for number, place in enumerate(MEETING_PLACES)}
ON_TOP = {"document", "cli"}
MAY_IMPORT_AIRFLOW = {"orchestration"}


def _modules() -> list[Path]:
    return sorted(p for p in INCLUDE.rglob("*.py") if "migrations" not in p.parts)


def _station(path: Path) -> str:
    first = path.relative_to(INCLUDE).parts[0]
    return first.removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PROJECT)))
def test_imports_point_upstream(path: Path) -> None:
    station = _station(path)
    if station == "__init__":
        return
    ours = {name.split(".")[1] for name in _imports(path) if name.startswith("include.")} - {station}
    allowed = ALLOWED.get(station)
    assert station in ALLOWED or station in ON_TOP, f"{station} is no station of the tree"
    if allowed is not None:
        assert ours <= allowed, f"{station} may not import {sorted(ours - allowed)}"


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PROJECT)))
def test_only_orchestration_imports_airflow(path: Path) -> None:
    if _station(path) not in MAY_IMPORT_AIRFLOW:
        assert not [name for name in _imports(path) if name.split(".")[0] == "airflow"]


def test_contracts_do_no_input_or_output() -> None:
    forbidden = {"os", "pathlib", "socket", "time", "random", "httpx", "requests", "psycopg2", "confluent_kafka"}
    for path in sorted((INCLUDE / "contracts").glob("*.py")):
        assert not forbidden & {name.split(".")[0] for name in _imports(path)}, path.name


def test_names_that_say_nothing_are_not_used() -> None:
    vague = ("util", "helper", "common", "manager", "misc")
    assert not [p for p in _modules() if any(word in p.stem for word in vague)]
    for path in _modules():
        functions = [n.name for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]
        assert not [name for name in functions if name.startswith("get_")], path.name
