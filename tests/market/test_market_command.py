"""`stocks market` as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

_STOCKS = (sys.executable, "-m", "include.cli", "market", "--port", "0", "--stocks-per-region", "5")


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"STOCKS_HOME": str(home)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [*_STOCKS, "--profile", "flaky", "--seed", "7"], env=_environment(tmp_path), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            said = {}
            for line in process.stderr:
                name, marked, value = line.strip().partition("=")
                if marked:
                    said[name] = value
                if name == "STOCKS_BROWSER_SPKI":
                    break
            health = httpx.get(f"{said['HTTPS_PROXY']}/_market/health", trust_env=False, timeout=60).json()
            assert health["profile"] == "flaky"
            assert Path(said["SSL_CERT_FILE"]) == tmp_path / "market" / "bundle.pem"
            process.send_signal(number)
            assert process.wait(60) == 0
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--profile", "nasty"], "there is no profile 'nasty'"), (["--recordings", "/nowhere"], "manifest.json")],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = subprocess.run(
        [*_STOCKS, *arguments], env=_environment(tmp_path), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
