"""Logs as JSON lines that carry the worker, the run and the task they belong to."""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

import msgspec

_run_id: ContextVar[str | None] = ContextVar("run_id", default=None)
_task_id: ContextVar[str | None] = ContextVar("task_id", default=None)
# JSON itself escapes most of what a terminal would obey, but not these: later controls, and turns of direction.
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_QUIET = ("httpx", "httpcore", "urllib3", "selenium", "yfinance", "peewee")  # they log addresses, keys and all


@contextmanager
def about(run_id: str | None, task_id: str | None) -> Iterator[None]:
    """Within the block, every line of this thread carries these ids."""
    run, task = _run_id.set(run_id), _task_id.set(task_id)
    try:
        yield
    finally:
        _run_id.reset(run)
        _task_id.reset(task)


class JsonLines(logging.Formatter):
    """One JSON object per line; ``scrub`` removes secrets from message and traceback."""

    def __init__(self, worker: str, scrub: Callable[[str], str]) -> None:
        super().__init__()
        self._worker = worker
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "worker": self._worker,
            "logger": record.name,
            "message": self._shown(record.getMessage()),
        }
        if run_id := _run_id.get():
            line["run_id"] = run_id
        if task_id := _task_id.get():
            line["task_id"] = task_id
        if record.exc_info:
            line["traceback"] = self._shown(self.formatException(record.exc_info))
        return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", msgspec.json.encode(line).decode())

    def _shown(self, text: str) -> str:
        # What is no text (a half of a pair) would fail here, and logging would then print all of it unscrubbed.
        return self._scrub(text).encode("utf-8", "backslashreplace").decode()


def log_as_json(worker: str, scrub: Callable[[str], str], level: int = logging.INFO) -> None:
    """Send every log line of this process to stderr as JSON, and the last words of one that breaks."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(worker, scrub))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Python itself would print them as they are.
    sys.excepthook = _tell_of_the_end
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _tell_of_a_thread


def _tell_of_the_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, Exception):
        logging.getLogger().critical("the process ends: %s", error, exc_info=(kind, error, trace))
    else:
        sys.__excepthook__(kind, error, trace)


def _tell_of_a_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None and isinstance(found.exc_value, Exception):
        name = found.thread.name if found.thread else "unknown"
        logging.getLogger().critical("the thread %s ends: %s", name, found.exc_value, exc_info=found.exc_value)
