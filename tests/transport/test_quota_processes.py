"""The quota's promise, kept by processes that know nothing of each other and of which one is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack

import msgspec

from include.stores.postgres import Database

ALLOWED, WINDOW_S, WANTED = 6, 2.0, 18
_DRAWING = f"""
import os, sys, threading, time, msgspec
from include.stores.postgres import Database
from include.transport.limits import Limit
from include.transport.quota import Quota
database = Database(msgspec.json.decode(sys.argv[1]))
quota = Quota(database.transaction, "polygon", (Limit({ALLOWED}, {WINDOW_S}), Limit(1000, 86400.0)), key="k")
print("ready", flush=True)
sys.stdin.readline()
def draw():
    while True:
        quota.take(threading.Event().wait)
        os.write(1, b"%r\\n" % time.monotonic())  # whole: two threads write, and a kill may come in between
threads = [threading.Thread(target=draw, daemon=True) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_processes_never_draw_more_than_allowed_in_any_window_even_when_one_is_killed(database: Database) -> None:
    parameters = msgspec.json.encode(dict(database.parameters)).decode()
    command = [sys.executable, "-c", _DRAWING, parameters]
    pipe = subprocess.PIPE
    with ExitStack() as ending:
        processes = [
            ending.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)) for _ in range(3)
        ]
        for process in processes:
            ending.callback(process.kill)
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        drawn = _drawn(database, WANTED // 2)
        processes[0].kill()  # with whatever it had leased
        drawn = _drawn(database, WANTED)
        for process in processes:
            process.kill()
        # The clock is the machine's, the same for all.
        moments = sorted(float(line) for process in processes for line in process.communicate()[0].splitlines())
    assert len(moments) >= drawn - 3 * 2  # what was leased and not used by those that were killed
    for first, over in zip(moments, moments[ALLOWED:], strict=False):
        assert over - first >= WINDOW_S


def _drawn(database: Database, enough: int) -> int:
    """Wait until so many requests were granted; -> how many, by the day's window."""
    deadline = time.monotonic() + 60
    while True:
        with database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(sum(n), 0) FROM quotas, unnest(used) n WHERE window_s = 86400")
            number = int(cursor.fetchone()[0])
        if number >= enough:
            return number
        assert time.monotonic() < deadline, "the processes did not draw"
        time.sleep(0.05)
