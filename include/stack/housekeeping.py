"""What grows is kept in bounds: the parts' own logs by size, Airflow's task logs and metadata by age."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from include.errors import Transient

LOG_MIB = 20
KEPT_DAYS = 14
_MIB = 2**20
_DAY_S = 24 * 3600
# What grows with every run. DAGs and their versions do not, and runs refer to them.
_METADATA = (
    "dag_run",
    "task_instance",
    "task_instance_history",
    "task_reschedule",
    "xcom",
    "log",
    "job",
    "trigger",
    "callback",
    "deadline",
    "asset_event",
    "import_error",
    "revoked_token",
)


def shorten_logs(folder: Path, *, most_bytes: int = LOG_MIB * _MIB) -> None:
    """Move what a long log holds into ``NAME.log.1`` and go on with an empty one.

    The programs append to files that are open, so the file stays and its content goes.
    """
    for log in folder.glob("*.log"):
        if log.stat().st_size > most_bytes:
            shutil.copyfile(log, log.with_name(log.name + ".1"))
            with log.open("r+b") as file:
                file.truncate(0)


def remove_old_files(folder: Path, *, now: float | None = None, days: int = KEPT_DAYS) -> int:
    """Remove files that nobody wrote for ``days``, and folders that they leave empty. How many files went."""
    oldest = (time.time() if now is None else now) - days * _DAY_S
    removed = 0
    for path in sorted(folder.rglob("*"), reverse=True):  # what is inside comes before its folder
        if path.is_symlink():
            continue
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            removed += 1
        elif path.is_dir() and path.stat().st_mtime < oldest and not any(path.iterdir()):
            path.rmdir()
    return removed


def clean_metadata(env: Mapping[str, str], *, days: int = KEPT_DAYS) -> None:
    """Delete Airflow's own rows about runs older than ``days``; the ledger has its own. Raises Transient."""
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    arguments = ["--clean-before-timestamp", before, "--tables", ",".join(_METADATA), "--skip-archive", "--yes"]
    command = [sys.executable, "-m", "airflow", "db", "clean", "--error-on-cleanup-failure", *arguments]
    done = subprocess.run(command, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise Transient(f"Airflow's metadata could not be cleaned: {last[0]}")
