from __future__ import annotations

import json
import logging
import sys

import pytest

from include.workers.logs import JsonLines, about
from include.workers.scrub import Scrubber

ENV = {"ALPHAVANTAGE_API_KEY": "C4NARY&KEY", "DB_PASSWORD": "hunter22", "AIRFLOW_PORT": "808080", "BRAPI_TOKEN": "abc"}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("sign in with hunter22", "sign in with ***"),
        ("GET /query?symbol=IBM&apikey=C4NARY%26KEY", "GET /query?symbol=IBM&apikey=***"),
        ("GET /v1?crumb=x.Y/z&s=1", "GET /v1?crumb=***&s=1"),
        ("Authorization: Bearer eyJhbGciOi.x-y", "Authorization: Bearer ***"),
        ("mongodb://ada:pa:ss@host/db", "mongodb://***@host/db"),
        ("port 808080 and abc stay", "port 808080 and abc stay"),
    ],
)
def test_secrets_are_hidden_and_the_rest_stays(text: str, clean: str) -> None:
    assert Scrubber(ENV)(text) == clean


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
