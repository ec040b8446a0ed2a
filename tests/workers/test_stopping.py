"""How a process ends that cannot end by itself."""

from __future__ import annotations

import subprocess
import sys
import threading

from include.workers.stopping import ended_within

_HANGS = """
import threading
from include.workers.stopping import ended_within

stop = threading.Event()
with ended_within(stop, 0.05, lambda: 143):
    stop.set()
    threading.Event().wait()
"""


def test_an_end_that_hangs_is_cut_short() -> None:
    done = subprocess.run([sys.executable, "-c", _HANGS], timeout=60, capture_output=True, text=True, check=False)
    assert done.returncode == 143
    assert "cut short" in done.stderr


def test_a_block_that_ends_by_itself_is_let_go() -> None:
    stop = threading.Event()
    with ended_within(stop, 0.0, lambda: 1):
        before = threading.active_count()
    assert stop.is_set()
    assert threading.active_count() == before - 1
