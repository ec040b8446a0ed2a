from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from include.workers.logs import JsonLines, about
from include.workers.scrub import Scrubber

ENV = {
    "ALPHAVANTAGE_API_KEY": "C4NARY&KEY",
    "DB_PASSWORD": "hunter22",
    "AIRFLOW_PORT": "808080",
    "BRAPI_TOKEN": "abc",
    "MONGO_URL": "mongodb://ada:mongo-pw%2B1@host:27017/stocks",
}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("sign in with hunter22", "sign in with ***"),
        ("sign in with HUNTER22", "sign in with ***"),
        ('{"Information": "your key C4NARY\\u0026KEY"}', '{"Information": "your key ***"}'),
        ("?key=C4NARY%26key", "?key=***"),
        ("the user ada with mongo-pw+1 is unknown", "the user ada with *** is unknown"),
        ("mongo-pw%2B1@host", "***@host"),
        ("GET /query?symbol=IBM&apikey=C4NARY%26KEY", "GET /query?symbol=IBM&apikey=***"),
        ("GET /v1?crumb=x.Y/z&s=1", "GET /v1?crumb=***&s=1"),
        ("Authorization: Bearer eyJhbGciOi.x-y", "Authorization: Bearer ***"),
        ("mongodb://ada:pa:ss@host/db", "mongodb://***@host/db"),
        ("port 808080 and abc stay", "port 808080 and abc stay"),
    ],
)
def test_secrets_are_hidden_and_the_rest_stays(text: str, clean: str) -> None:
    assert Scrubber(ENV)(text) == clean


@pytest.mark.parametrize("url", ["mongodb://[", "mongodb://ada:x@[::1/s", "no address at all"])
def test_an_address_that_is_none_is_hidden_as_a_whole(url: str) -> None:
    assert Scrubber({"MONGO_URL": url})(f"at {url}.") == "at ***."


def _line(message: str, *args: object, exc_info: object = None) -> dict[str, object]:
    record = logging.LogRecord("yahoo", logging.WARNING, __file__, 1, message, args, exc_info)
    return json.loads(JsonLines("one", Scrubber(ENV)).format(record))


def test_a_line_carries_worker_run_and_task_and_no_secret() -> None:
    with about("run/1", "task-1"):
        line = _line("asked with %s", "hunter22")
    assert {k: line[k] for k in ("level", "worker", "logger", "message", "run_id", "task_id")} == {
        "level": "warning",
        "worker": "one",
        "logger": "yahoo",
        "message": "asked with ***",
        "run_id": "run/1",
        "task_id": "task-1",
    }
    assert "run_id" not in _line("outside")


def test_a_traceback_holds_no_secret_either() -> None:
    try:
        raise ValueError("password hunter22\nsecond line")
    except ValueError:
        line = _line("failed", exc_info=sys.exc_info())
    assert "ValueError: password ***" in str(line["traceback"])
    assert "hunter22" not in json.dumps(line)


@pytest.mark.parametrize("order", ["\x1b[2J", "\x9b31m", "\u202e", "\x7f", "\r", "\u2028"])
def test_a_line_gives_a_terminal_no_orders_and_loses_nothing(order: str) -> None:
    record = logging.LogRecord("yahoo", logging.WARNING, __file__, 1, "said %s", (f"a{order}b",), None)
    shown = JsonLines("one", Scrubber(ENV)).format(record)
    assert shown.isprintable()
    assert json.loads(shown)["message"] == f"said a{order}b"


def test_what_is_no_text_is_logged_all_the_same() -> None:
    assert _line("read %s with %s", b"\xff".decode("utf-8", "surrogateescape"), "hunter22")["message"] == (
        "read \\udcff with ***"
    )


@pytest.mark.parametrize("place", ["the process", "a thread"])
def test_the_last_words_of_what_breaks_hold_no_secret(place: str) -> None:
    breaking = "def fail(): raise RuntimeError('GET /query?apikey=C4NARY%26KEY for hunter22')\n"
    how = "fail()" if place == "the process" else "t = threading.Thread(target=fail, name='one'); t.start(); t.join()"
    script = (
        "import threading\nfrom include.workers.logs import log_as_json\nfrom include.workers.scrub import Scrubber\n"
        f"log_as_json('w', Scrubber({ENV!r}))\n{breaking}{how}\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    line = json.loads(done.stderr)
    assert (line["level"], "hunter22" in done.stderr, "C4NARY" in done.stderr) == ("critical", False, False)
    assert line["message"].endswith("ends: GET /query?apikey=*** for ***")
    assert "RuntimeError" in line["traceback"]
    assert done.returncode == (1 if place == "the process" else 0)
