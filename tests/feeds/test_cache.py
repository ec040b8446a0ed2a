"""A cache that outlives its process, and never more than a cache."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from include.feeds.cache import Cache
from include.feeds.polygon import Reference

APPLE = Reference("Apple Inc.", 2.5e12, "USD")


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def cache(path: Path, clock: Clock, space: str = "reference") -> Cache[Reference]:
    return Cache(path / "cache.sqlite3", space, Reference, 6 * 3600, clock)


def test_a_value_survives_the_process_until_its_time_is_over(tmp_path: Path) -> None:
    clock = Clock()
    cache(tmp_path, clock).keep("AAPL", APPLE)
    clock.now += 6 * 3600 - 1
    assert cache(tmp_path, clock).find("AAPL") == APPLE
    clock.now += 1
    assert cache(tmp_path, clock).find("AAPL") is None


def test_spaces_are_apart(tmp_path: Path) -> None:
    clock = Clock()
    cache(tmp_path, clock).keep("AAPL", APPLE)
    assert cache(tmp_path, clock, "other").find("AAPL") is None


def test_a_value_of_another_shape_is_none(tmp_path: Path) -> None:
    clock = Clock()
    Cache(tmp_path / "cache.sqlite3", "reference", int, 60, clock).keep("AAPL", 7)
    assert cache(tmp_path, clock).find("AAPL") is None


def test_a_file_that_is_no_cache_is_moved_aside_and_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite3").write_bytes(b"this is no database, " * 100)
    found = cache(tmp_path, Clock())
    found.keep("AAPL", APPLE)
    assert found.find("AAPL") == APPLE
    assert (tmp_path / "cache.broken").exists()


def test_a_cache_that_cannot_be_opened_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite3").mkdir()
    found = cache(tmp_path, Clock())
    found.keep("AAPL", APPLE)
    assert found.find("AAPL") is None


def test_a_file_that_broke_in_its_middle_is_begun_anew_when_that_is_noticed(tmp_path: Path) -> None:
    found, path = cache(tmp_path, Clock()), tmp_path / "cache.sqlite3"
    for number in range(200):
        found.keep(f"S{number}", APPLE)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:4096] + b"\xa5" * (size - 4096))  # the first page says that all is well
    assert found.find("S7") is None
    found.keep("AAPL", APPLE)
    assert found.find("AAPL") == APPLE
    assert cache(tmp_path, Clock()).find("AAPL") == APPLE


def test_two_processes_begin_a_broken_file_anew(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite3").write_bytes(b"this is no database, " * 100)
    program = (
        "import sys; from pathlib import Path; from include.feeds.cache import Cache\n"
        "cache = Cache(Path(sys.argv[1]), 'numbers', int, 60); cache.keep(sys.argv[2], 7)\n"
        "print(cache.find(sys.argv[2]))"
    )
    commands = [[sys.executable, "-c", program, str(tmp_path / "cache.sqlite3"), name] for name in "ab"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    # Whoever comes first may have kept its value in the file that the other moves aside: a cache may forget.
    assert {process.communicate(timeout=60)[0].strip() for process in running} <= {"7", "None"}
    assert [process.returncode for process in running] == [0, 0]
    cache(tmp_path, Clock()).keep("AAPL", APPLE)
    assert cache(tmp_path, Clock()).find("AAPL") == APPLE


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = cache(tmp_path / "file", Clock())
    found.keep("AAPL", APPLE)
    assert found.find("AAPL") is None


def test_many_threads_share_it(tmp_path: Path) -> None:
    shared = cache(tmp_path, Clock())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: shared.keep(f"S{n}", APPLE), range(64)))
        assert all(pool.map(lambda n: shared.find(f"S{n}") == APPLE, range(64)))
