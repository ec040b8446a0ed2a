"""Logs as JSON lines that carry the worker, the run and the task they belong to."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

import msgspec

_run_id: ContextVar[str | None] = ContextVar("run_id", default=None)
_task_id: ContextVar[str | None] = ContextVar("task_id", default=None)
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
            "message": self._scrub(record.getMessage()),
        }
        if run_id := _run_id.get():
            line["run_id"] = run_id
        if task_id := _task_id.get():
            line["task_id"] = task_id
        if record.exc_info:
            line["traceback"] = self._scrub(self.formatException(record.exc_info))
        return msgspec.json.encode(line).decode()


def log_as_json(worker: str, scrub: Callable[[str], str], level: int = logging.INFO) -> None:
    """Send every log line of this process to stderr as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(worker, scrub))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
