"""CSV files of ticks: whole after any crash, rotated, bounded, and each tick once."""

from __future__ import annotations

import csv
import gzip
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.contracts.prices import Tick
from include.errors import Permanent, Transient
from include.stores.csv_ticks import CsvStore
from include.stores.tick_csv import COLUMNS, HEADER, decode, encode

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def tick(number: int, **changed: object) -> Tick:
    given = {
        "schema_version": 1,
        "tick_id": number,
        "feed": "alpaca-stocks",
        "symbol": "AAPL",
        "kind": "trade",
        "ticked_at": START + timedelta(seconds=number),
        "price": 100 + number / 100,
    }
    return Tick(**(given | changed))  # type: ignore[arg-type]


def lines(folder: Path) -> list[str]:
    """Every line of every file, headers left out."""
    found: list[str] = []
    for path in sorted(folder.glob("*.csv*")):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        header, *rest = text.decode().splitlines()
        assert header == HEADER.decode().strip()
        found += rest
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.csv*"))


def ids(folder: Path) -> list[int]:
    return [int(line.rpartition(",")[2]) for line in lines(folder)]


def on(day: date, folder: Path, **bounds: int) -> CsvStore:
    return CsvStore(folder, today=lambda: day, **bounds)


def test_a_line_reads_as_people_expect_it(tmp_path: Path) -> None:
    store = CsvStore(tmp_path)
    store.write([tick(7, symbol='A,"B"', size=0.1, exchange="V", conditions=("@", "I"))])
    store.close()
    (path,) = tmp_path.glob("*.csv")
    with path.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "ticked_at": "2026-11-20T15:00:07.000000+00:00",
        "feed": "alpaca-stocks",
        "symbol": 'A,"B"',
        "kind": "trade",
        "price": "100.07",
        "size": "0.1",
        "bid": "",
        "bid_size": "",
        "ask": "",
        "ask_size": "",
        "exchange": "V",
        "conditions": '["@","I"]',
        "tick_id": "7",
    }


amounts = st.none() | st.floats(0, allow_nan=False, allow_infinity=False)
words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)
ticks = st.builds(
    Tick,
    schema_version=st.just(1),
    tick_id=st.integers(0, 2**63 - 1),
    feed=words,
    symbol=words,
    kind=st.sampled_from(["trade", "quote"]),
    ticked_at=st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC)),
    price=st.floats(0, exclude_min=True, allow_nan=False, allow_infinity=False),
    size=amounts,
    bid=amounts,
    bid_size=amounts,
    ask=amounts,
    ask_size=amounts,
    exchange=st.none() | words,
    conditions=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))).map(tuple),
)


@given(st.lists(ticks))
def test_whatever_is_written_is_read_as_the_same_ticks(written: list[Tick]) -> None:
    read = [decode(line) for line in encode(written).decode().split("\n")[:-1]]
    assert read == written


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["1"], "1 cells instead of 13"),
        (["2026-11-20T15:00:00Z", "f", "S", "trade", "cheap", *[""] * 7, "1"], "price"),
        (["2026-11-20T15:00:00Z", "f", "S", "trade", "nan", *[""] * 7, "1"], "price"),
        (["2026-11-20T15:00:00", "f", "S", "trade", "1", *[""] * 7, "1"], "without a time zone"),
        (["2026-11-20T15:00:00Z", "f", "S", "gift", "1", *[""] * 7, "1"], "kind"),
        (["2026-11-20T15:00:00Z", "f", "", "trade", "1", *[""] * 7, "1"], "symbol"),
        (["2026-11-20T15:00:00Z", "f", "S", "trade", "1", *[""] * 6, "[1]", "1"], "it is no tick"),
        (["2026-11-20T15:00:00Z", "f", "S", "trade", "1", *[""] * 7, str(2**63)], "tick_id"),
    ],
)
def test_a_line_that_is_no_tick_says_why(cells: Sequence[str], why: str) -> None:
    with pytest.raises(Permanent, match=why):
        decode(",".join(cells))
    assert len(COLUMNS) == 13


@pytest.mark.parametrize("torn", [b'2026-11-20T15:00:09.000000+00:00,alpaca-stocks,"AA', b"\0" * 512, b"2026-11"])
def test_a_line_that_a_crash_tore_is_cut(tmp_path: Path, torn: bytes) -> None:
    store = CsvStore(tmp_path)
    store.write([tick(1), tick(2)])
    store.close()
    (path,) = tmp_path.glob("*.csv")
    with path.open("ab") as file:
        file.write(torn)
    store.write([tick(2), tick(3)])
    store.close()
    assert ids(tmp_path) == [1, 2, 3]


def test_a_header_that_a_crash_tore_is_written_again(tmp_path: Path) -> None:
    (tmp_path / f"000001_{datetime.now(UTC):%Y%m%d}.csv").write_bytes(HEADER[:20])
    store = CsvStore(tmp_path)
    store.write([tick(1)])
    store.close()
    assert ids(tmp_path) == [1]


def test_a_full_file_is_closed_under_the_times_of_its_ticks(tmp_path: Path) -> None:
    store = on(date(2026, 11, 20), tmp_path, file_bytes=500)
    for number in range(20):
        store.write([tick(number)])
    store.close()
    found = names(tmp_path)
    assert len(found) > 2
    assert found[0].startswith("000001_20261120T150000.000000Z_20261120T1500")
    assert found[0].endswith("Z.csv.gz")
    assert found[-1] == f"{len(found):06d}_20261120.csv"
    assert ids(tmp_path) == list(range(20))


def test_a_new_day_begins_a_new_file(tmp_path: Path) -> None:
    for day in (20, 21):
        store = on(date(2026, 11, day), tmp_path)
        store.write([tick(day)])
        store.close()
    assert names(tmp_path) == [
        "000001_20261120T150020.000000Z_20261120T150020.000000Z.csv.gz",
        "000002_20261121.csv",
    ]


def test_a_tick_that_a_closed_file_holds_is_not_kept_again(tmp_path: Path) -> None:
    store = CsvStore(tmp_path, file_bytes=500)
    written = [tick(number) for number in range(60)]
    for one in written:
        store.write([one])
    assert store.write(written).new == 0
    store.close()
    assert store.write([*written, tick(60)]).new == 1  # read anew from the files
    store.close()
    assert ids(tmp_path) == list(range(61))


def test_ticks_of_one_moment_and_id_are_told_apart_by_their_symbol(tmp_path: Path) -> None:
    store = CsvStore(tmp_path)
    assert store.write([tick(1), tick(1, symbol="MSFT"), tick(1, ticked_at=START)]).new == 3
    store.close()


def test_the_oldest_files_go_when_the_folder_is_full(tmp_path: Path) -> None:
    store = CsvStore(tmp_path, file_bytes=2_000, total_bytes=2_000)
    for number in range(400):
        store.write([tick(number)])
    store.close()
    assert sum(path.stat().st_size for path in tmp_path.glob("*.gz")) <= 2_000
    kept = ids(tmp_path)
    assert kept == list(range(kept[0], 400))
    assert kept[0] > 0


def test_what_a_crash_left_while_a_file_was_closed_is_put_in_order(tmp_path: Path) -> None:
    store = on(date(2026, 11, 20), tmp_path, file_bytes=300)
    for number in range(6):
        store.write([tick(number)])
    store.close()
    first = next(path for path in tmp_path.glob("000001_*.gz"))
    (tmp_path / "000001_20261120.csv").write_bytes(gzip.decompress(first.read_bytes()))  # not yet removed
    (tmp_path / "000002_x.csv.gz.part").write_bytes(b"half")
    store.write([tick(6)])
    store.close()
    assert ids(tmp_path) == list(range(7))
    assert not list(tmp_path.glob("*.part"))


def test_a_closed_file_that_is_damaged_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "000001_20261120T150000.000000Z_20261120T160000.000000Z.csv.gz").write_bytes(b"\x1f\x8bnothing")
    store = CsvStore(tmp_path)
    assert store.write([tick(1)]).new == 1
    store.close()
    assert "cannot be read" in caplog.text


def test_two_writers_share_a_folder(tmp_path: Path) -> None:
    first, second = CsvStore(tmp_path, file_bytes=500), CsvStore(tmp_path, file_bytes=500)
    for number in range(40):
        assert (first, second)[number % 2].write([tick(number), tick(max(number - 1, 0))]).new == 1
    first.close()
    second.close()
    assert ids(tmp_path) == list(range(40))


def test_a_folder_that_was_removed_is_made_again(tmp_path: Path) -> None:
    store = CsvStore(tmp_path / "ticks")
    store.write([tick(1)])
    for path in (tmp_path / "ticks").iterdir():
        path.unlink()
    (tmp_path / "ticks").rmdir()
    assert store.write([tick(1), tick(2)]).new == 2
    store.close()
    assert ids(tmp_path / "ticks") == [1, 2]


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses to let a file grow beyond ``size``, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_is_told_and_nothing_is_torn(tmp_path: Path) -> None:
    store = CsvStore(tmp_path)
    store.write([tick(1)])
    batch = [tick(number) for number in range(2, 400)]
    with _files_of_at_most(4_096), pytest.raises(Transient, match="cannot be written"):
        store.write(batch)
    assert ids(tmp_path) == [1]
    assert store.write(batch).new == 398
    store.close()
    assert ids(tmp_path) == list(range(1, 400))


_WRITER = """
import sys
from pathlib import Path
from include.stores.csv_ticks import CsvStore
from tests.stores.test_csv_ticks import tick

store = CsvStore(Path(sys.argv[1]), file_bytes=3000)
for number in range(100_000):
    store.write([tick(number), tick(number + 1)])
    print(number + 1, flush=True)
"""


def test_what_was_acknowledged_outlives_a_kill_and_is_there_once(tmp_path: Path, project: Path) -> None:
    acknowledged = 0
    for lived in (5, 50, 200):
        command = [sys.executable, "-c", _WRITER, str(tmp_path)]
        environment = dict(os.environ) | {"PYTHONPATH": str(project)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
            assert writer.stdout is not None
            for _ in range(lived):
                acknowledged = max(acknowledged, int(writer.stdout.readline()))
            writer.send_signal(signal.SIGKILL)
            acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.endswith("\n"))])
    store = CsvStore(tmp_path)
    store.write([])
    store.close()
    kept = ids(tmp_path)
    assert kept == list(range(len(kept)))
    assert len(kept) > acknowledged
