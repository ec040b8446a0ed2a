"""The backup of a stream: beside Kafka, never in its way."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from include.contracts.prices import Tick
from include.stores.csv_ticks import CsvStore
from include.stores.tick_csv import decode
from include.workers.backup import Backup
from include.workers.feed_counts import FeedCounts

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
DEADLINE_S = 60


def ticks(first: int, last: int) -> tuple[Tick, ...]:
    return tuple(
        Tick(
            schema_version=1,
            tick_id=number,
            feed="alpaca-crypto",
            symbol="BTC/USD",
            kind="trade",
            ticked_at=START + timedelta(seconds=number),
            price=90_000 + number,
        )
        for number in range(first, last)
    )


def kept(folder: Path) -> tuple[Tick, ...]:
    """The ticks of the file that grows, once it has some."""
    text = "".join(path.read_text() for path in folder.glob("*.csv"))
    return tuple(decode(line) for line in text.splitlines()[1:])


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def no_fault() -> None:
    return None


def test_ticks_are_on_the_disk_while_the_stream_goes_on(tmp_path: Path) -> None:
    with Backup(CsvStore(tmp_path), FeedCounts("f"), no_fault) as backup:
        backup.take(ticks(0, 3))
        until(lambda: kept(tmp_path) == ticks(0, 3))
        assert backup.fault is None


def test_what_was_taken_is_written_before_the_end(tmp_path: Path) -> None:
    counts = FeedCounts("f")
    with Backup(CsvStore(tmp_path), counts, no_fault) as backup:
        for number in range(0, 12_000, 4):
            backup.take(ticks(number, number + 4))
    assert kept(tmp_path) == ticks(0, 12_000)
    assert b'stocks_feed_backed_up_total{feed="f"} 12000.0' in counts.exposition()


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses to let a file grow beyond ``size``, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_and_what_waited_is_written_when_there_is_room(tmp_path: Path) -> None:
    with Backup(CsvStore(tmp_path), FeedCounts("f"), no_fault) as backup:
        with _files_of_at_most(512):
            backup.take(ticks(0, 100))
            until(lambda: backup.fault)
            assert "cannot be written" in str(backup.fault)
        until(lambda: backup.fault is None)
        assert kept(tmp_path) == ticks(0, 100)


def test_a_nearly_full_disk_is_not_written_to(tmp_path: Path) -> None:
    faults = ["only 7 MiB are free"]
    with Backup(CsvStore(tmp_path), FeedCounts("f"), lambda: faults[0] if faults else None) as backup:
        backup.take(ticks(0, 2))
        until(lambda: backup.fault == "backup: only 7 MiB are free")
        assert kept(tmp_path) == ()
        faults.clear()
        until(lambda: kept(tmp_path) == ticks(0, 2))


def test_what_finds_no_room_to_wait_is_counted_as_missing(tmp_path: Path) -> None:
    counts = FeedCounts("f")
    with Backup(CsvStore(tmp_path), counts, lambda: "no room", most_waiting=10) as backup:
        backup.take(ticks(0, 8))
        backup.take(ticks(8, 16))
        until(lambda: backup.fault == "backup: no room, 6 ticks are missing in it")
    assert b'stocks_feed_not_backed_up_total{feed="f"} 6.0' in counts.exposition()


def test_a_folder_that_cannot_be_is_a_fault_and_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Backup(CsvStore(tmp_path / "file" / "ticks"), FeedCounts("f"), no_fault) as backup:
        backup.take(ticks(0, 1))
        until(lambda: backup.fault)
        assert "file/ticks" in str(backup.fault)
