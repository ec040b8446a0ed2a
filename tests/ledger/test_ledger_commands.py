"""The ledger's commands as a person or a script meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from made_runs import START, failed, listed, processed, request

from include.errors import ConfigurationError, Transient
from include.ledger.airflow_api import AirflowApi
from include.ledger.fold import fold
from include.ledger.form import form
from include.ledger.opening import open_run
from include.ledger.outcome import from_completion
from include.settings import AirflowSettings
from include.stack.database import database_variables
from include.stores.postgres import Database


def test_only_what_was_given_is_filled_into_the_form() -> None:
    assert form(None, None, None) == {}
    assert form(" US,gb,us ", "100M", None) == {"regions": ["us", "gb"], "market_cap_min": "100M"}


@pytest.mark.parametrize(
    ("regions", "least", "most", "says"),
    [
        ("us,mars", None, None, "'mars' is no region"),
        (",", None, None, "names no region"),
        ("us", "1B", "100M", "1B is not below the maximum 100M"),
        ("us", "much", None, "'much' is not a market cap"),
    ],
)
def test_a_wrong_call_is_refused_before_airflow_is_asked(
    regions: str, least: str | None, most: str | None, says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        form(regions, least, most)


def test_an_airflow_that_does_not_answer_is_named() -> None:
    settings = AirflowSettings.from_env(
        {"AIRFLOW_URL": "http://127.0.0.1:1", "AIRFLOW_USERNAME": "admin", "AIRFLOW_PASSWORD": "secret-word"}
    )
    with AirflowApi(settings) as airflow, pytest.raises(Transient, match=r"127\.0\.0\.1:1.*stocks up") as caught:
        airflow.trigger({})
    assert "secret-word" not in str(caught.value)


@pytest.mark.stack
class TestAgainstARealDatabase:
    """Each command in a process of its own, as it is used."""

    @pytest.fixture
    def env(self, database: Database, tmp_path: Path) -> dict[str, str]:
        with database.transaction() as connection:
            open_run(connection, "manual__a/b", request("us"), START)
            ends = [from_completion(processed("manual__a/b", "us", "A")), failed("manual__a/b", "us", "B")]
            fold(connection, [from_completion(listed("manual__a/b", "us", 0, ["A", "B", "C"])), *ends])
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("DB_", "AIRFLOW_"))}
        return clean | database_variables(database.parameters) | {"STOCKS_HOME": str(tmp_path)}

    @staticmethod
    def _stocks(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "include.cli", *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)

    def test_monitor_shows_the_latest_run_as_json(self, env: dict[str, str]) -> None:
        done = self._stocks(env, "monitor", "--once", "--json")
        run = json.loads(done.stdout)
        assert (done.returncode, run["run_id"], run["state"]) == (0, "manual__a/b", "running")
        assert (run["sent"], run["completed"], run["failed"], run["pending"]) == (4, 2, 1, 1)
        assert [error["key"] for error in run["errors"]] == ["B"]

    def test_monitor_tells_of_the_feeds_beneath_the_run_or_without_one(
        self, env: dict[str, str], database: Database
    ) -> None:
        quota = {"ALPHAVANTAGE_API_KEY": "canary", "ALPHAVANTAGE_QUOTA": "25/day"}
        beneath = self._stocks(env | quota, "monitor", "--once")
        for fact in ("manual__a/b", "alpha-vantage", "25 of 25", "unused", "POLYGON_API_KEY is not set"):
            assert fact in beneath.stdout, beneath.stderr
        assert "canary" not in beneath.stdout
        with database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM tasks; DELETE FROM runs")
        for arguments in (["--once"], ["--feeds", "--once"]):
            without = self._stocks(env | quota, "monitor", *arguments, "--json")
            told = json.loads(without.stdout)
            assert (without.returncode, told["run_id"]) == (0, None), without.stderr
            assert [feed["standing"] for feed in told["feeds"]["feeds"]].count("never ran") == 1

    def test_cancel_ends_what_is_pending_and_a_second_one_is_refused(self, env: dict[str, str]) -> None:
        done = self._stocks(env, "cancel", "manual__a/b", "--json")
        assert (done.returncode, json.loads(done.stdout)["cancelled_tasks"]) == (0, 1)
        again = self._stocks(env, "cancel", "latest")
        said = " ".join(again.stderr.split())  # the terminal's width wraps it
        assert (again.returncode, "it is over, with the state cancelled" in said) == (1, True)

    @pytest.mark.parametrize("command", ["monitor", "cancel"])
    def test_an_unknown_run_is_a_wrong_call(self, env: dict[str, str], command: str) -> None:
        done = self._stocks(env, command, "nobody")
        assert (done.returncode, "the ledger has no run 'nobody'" in " ".join(done.stderr.split())) == (2, True)

    def test_airflow_is_never_imported(self, env: dict[str, str]) -> None:
        code = (
            "import sys, include.ledger.asking, include.monitor.watch, include.ledger.verify, include.ledger.cancel;"
            "sys.exit('airflow' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code], env=env, check=False, timeout=120).returncode == 0
