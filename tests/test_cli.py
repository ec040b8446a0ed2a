"""`stocks` as somebody meets it who has read nothing: help, and a call beside no stack."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from include.market.profiles import PROFILES
from include.workers import commands
from include.workers.sink_parts import PARTS
from include.workers.sink_routes import ROUTES

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SHARED = {"--name", "--port", "--help"}


def help_of(*arguments: str) -> str:
    app = typer.Typer(rich_markup_mode="markdown")
    commands.register(app)
    done = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*arguments, "--help"])
    assert done.exit_code == 0
    return COLOUR.sub("", done.output)  # some machines ask for colours wherever something is printed


@pytest.mark.parametrize(
    ("worker", "own"),
    [("scraping", {"--concurrency"}), ("processing", {"--concurrency"}), ("sink", {"--only"})],
)
def test_the_help_of_a_worker_shows_its_own_arguments_and_no_others(worker: str, own: set[str]) -> None:
    assert set(re.findall(r"--[a-z]+", help_of("worker", worker))) == SHARED | own


def test_the_workers_are_listed_with_what_they_take() -> None:
    said = help_of("worker")
    for worker in ("scraping", "processing", "sink"):
        assert re.search(rf"{worker} +Take ", said), said


def test_the_help_of_the_sink_names_every_route_and_part() -> None:
    words = set(re.findall(r"[a-z][a-z0-9:_-]+", help_of("worker", "sink")))
    assert {*(route.name for route in ROUTES), *PARTS} <= words


@pytest.mark.parametrize("command", [("monitor", "--once"), ("verify",), ("dead-letters", "list")])
def test_where_no_stack_runs_a_command_says_so_and_what_to_do(
    command: tuple[str, ...], tmp_path: Path, project: Path
) -> None:
    unset = dict.fromkeys(("DB_HOST", "DB_USER", "DB_PASSWORD", "KAFKA_BOOTSTRAP_SERVERS"), "")
    done = subprocess.run(
        [sys.executable, "-m", "include.cli", *command],
        cwd=project,
        env=os.environ | unset | {"STOCKS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = COLOUR.sub("", done.stderr).splitlines()
    assert line.startswith("stocks: no stack runs here")
    assert "`stocks up`" in line


@pytest.mark.parametrize("command", ["up", "market"])
def test_an_unknown_profile_is_refused_before_anything_is_started(command: str, tmp_path: Path, project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "include.cli", command, "--profile", "stormy"],
        cwd=project,
        env=os.environ | {"STOCKS_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    said = COLOUR.sub("", done.stderr)
    for word in ("stormy", *PROFILES):
        assert word in said
