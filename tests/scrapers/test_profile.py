"""What a killed worker leaves behind is swept by the next one, and by no one before that."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from include.errors import Unfit
from include.scrapers.profile import Profile, end_processes_of, sweep

# A worker with a browser: it holds a profile, and a process of its own session names the folder.
_WORKER = """
import subprocess, sys, time
from pathlib import Path
from include.scrapers.profile import Profile
profile = Profile(Path(sys.argv[1]))
left = [sys.executable, "-c", "import time; time.sleep(600)", f"--user-data-dir={profile.path}"]
browser = subprocess.Popen(left, start_new_session=True, stdout=subprocess.DEVNULL)
(profile.aside / "socket").touch()
print(profile.path, profile.aside, browser.pid, flush=True)
time.sleep(600)
"""


def _worker(parent: Path) -> tuple[subprocess.Popen[str], Path, Path, int]:
    worker = subprocess.Popen([sys.executable, "-c", _WORKER, str(parent)], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    folder, aside, browser = worker.stdout.readline().split()
    return worker, Path(folder), Path(aside), int(browser)


def _wait_until(true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:  # a process that has just begun has no command line yet
        return b"user-data-dir" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc to see whether a process runs")
def test_a_killed_workers_browser_is_ended_by_the_next_start(tmp_path: Path) -> None:
    worker, folder, aside, browser = _worker(tmp_path)
    try:
        _wait_until(lambda: _runs(browser), f"process {browser} does not run")
        assert sweep(tmp_path) == 0, "its worker lives"
        assert _runs(browser)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert sweep(tmp_path) == 1
        _wait_until(lambda: not _runs(browser), f"process {browser} still runs")
        assert not folder.exists()
        assert not aside.exists()
    finally:
        worker.kill()
        worker.communicate(timeout=60)
        end_processes_of(folder)


def test_a_removed_profile_leaves_nothing_and_may_be_removed_twice(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "browser")
    (profile.path / "Cookies").write_text("x")
    (profile.aside / "socket").touch()
    profile.remove()
    profile.remove()
    assert not profile.path.exists()
    assert not profile.aside.exists()


def test_the_folder_for_temporary_files_is_short_enough_for_a_socket(tmp_path: Path) -> None:
    profile = Profile(tmp_path / ("a" * 60) / ("b" * 60))
    try:
        socket = profile.aside.relative_to(tempfile.gettempdir()) / "org.chromium.Chromium.XXXXXX" / "SingletonSocket"
        assert len("/tmp/" + str(socket)) < 104  # of macOS; Linux takes 108
    finally:
        profile.remove()


def test_there_is_nothing_to_sweep_before_the_first_start(tmp_path: Path) -> None:
    assert sweep(tmp_path / "none") == 0


def test_a_folder_that_cannot_be_made_makes_the_worker_unfit(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unfit, match="no folder for a browser can be made"):
        Profile(tmp_path / "file")
