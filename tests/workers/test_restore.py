"""`stocks restore` as people use it: backups of any kind, into a real database, each tick once."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from include.contracts.prices import Tick
from include.errors import ConfigurationError
from include.stack.database import database_variables
from include.stores.csv_ticks import CsvStore
from include.stores.postgres import Database
from include.stores.tick_csv import HEADER, encode
from include.stores.ticks import TickStore
from include.workers.restore import Restored, restore
from include.workers.restore_reading import backups

START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
TICKS = [
    Tick(
        schema_version=1,
        tick_id=number,
        feed="alpaca-stocks",
        symbol="AAPL",
        kind="trade",
        ticked_at=START + timedelta(seconds=number),
        price=200.25 + number,
        size=0.1,
        exchange="V",
        conditions=("@", "I"),
    )
    for number in range(120)
]


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def restored(database: Database, *paths: Path) -> Restored:
    return restore(backups(paths), TickStore(database))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def counts(found: Restored) -> tuple[int, int, int, int]:
    return found.read, found.new, found.already_there, found.refused


def test_the_folder_of_a_backup_becomes_rows_each_once(database: Database, tmp_path: Path) -> None:
    backup = CsvStore(tmp_path, file_bytes=4_000)
    for number in range(0, 120, 10):
        backup.write(TICKS[number : number + 10])
    backup.close()
    assert len(list(tmp_path.glob("*.gz"))) >= 2
    (tmp_path / "000009_x.csv.gz.part").write_bytes(b"half")  # as a crash leaves it
    (tmp_path / "000010_20261121.csv").touch()
    TickStore(database).write(TICKS[:20])
    assert counts(restored(database, tmp_path)) == (120, 100, 20, 0)
    assert counts(restored(database, tmp_path)) == (120, 0, 120, 0)
    query = "SELECT count(*), min(ticked_at), sum(price), min(size), min(exchange), min(conditions) FROM market_ticks"
    assert rows(database, query) == [(120, START, 200.25 * 120 + 119 * 60, 0.1, "V", ["@", "I"])]


def test_the_bars_of_what_is_new_are_due(database: Database, tmp_path: Path) -> None:
    restored(database, written(tmp_path / "t.csv", HEADER + encode(TICKS)))
    assert rows(database, "SELECT bar_at, feed, symbol FROM bars_due ORDER BY 1") == [
        (START, "alpaca-stocks", "AAPL"),
        (START + timedelta(minutes=1), "alpaca-stocks", "AAPL"),
    ]


def test_a_line_that_is_no_tick_is_named_and_the_others_are_kept(database: Database, tmp_path: Path) -> None:
    lines = encode(TICKS[:4]).split(b"\n")
    lines[1] = lines[1].replace(b"201.25", b"cheap")
    lines[2] = b'"2026'
    found = restored(database, written(tmp_path / "t.csv", HEADER + b"\n".join(lines)))
    assert counts(found) == (4, 2, 0, 2)
    assert [(fault.line, fault.file) for fault in found.faults] == [(n, str(tmp_path / "t.csv")) for n in (3, 4)]
    assert "price" in found.faults[0].why
    assert rows(database, "SELECT tick_id FROM market_ticks ORDER BY 1") == [(0,), (3,)]


def test_what_the_store_refuses_is_named_by_its_line(database: Database, tmp_path: Path) -> None:
    old = msgspec.structs.replace(TICKS[1], ticked_at=datetime(1971, 1, 1, tzinfo=UTC))
    found = restored(database, written(tmp_path / "t.csv", HEADER + encode([TICKS[0], old, TICKS[2]])))
    assert (counts(found), found.faults[0].line) == ((3, 2, 0, 1), 3)


@pytest.mark.parametrize("missing", [1, 5, 40])
def test_the_line_that_still_grows_is_not_taken_for_a_whole_one(
    database: Database, tmp_path: Path, missing: int
) -> None:
    found = restored(database, written(tmp_path / "t.csv", HEADER + encode(TICKS[:100])[:-missing]))
    assert counts(found) == (100, 99, 0, 1)
    assert "it has no end" in found.faults[0].why


def test_a_compressed_file_that_is_cut_gives_what_can_be_read(database: Database, tmp_path: Path) -> None:
    content = gzip.compress(HEADER + encode(TICKS))
    found = restored(database, written(tmp_path / "t.csv.gz", content[: len(content) - 12]))
    assert found.new >= 100
    assert "nothing can be read after this line" in found.faults[-1].why


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"\x1f\x8bnothing", gzip.compress(b"no header\n"), b"\0" * 9000, HEADER[1:]]
)
def test_a_file_that_is_no_backup_is_refused_before_anything_is_restored(tmp_path: Path, content: bytes) -> None:
    good = written(tmp_path / "a.csv", HEADER)
    with pytest.raises(ConfigurationError, match=r"b\.csv is no backup"):
        backups([good, written(tmp_path / "b.csv", content)])


def test_a_file_that_a_spreadsheet_saved_is_read(database: Database, tmp_path: Path) -> None:
    text = (HEADER + encode(TICKS[:3])).replace(b"\n", b"\r\n")
    assert counts(restored(database, written(tmp_path / "t.csv", b"\xef\xbb\xbf" + text))) == (3, 3, 0, 0)


def _command(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ) | database_variables(database.parameters)
    command = [sys.executable, "-m", "include.cli", "restore", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_command_says_what_was_done_and_exits_by_it(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", HEADER + encode(TICKS[:3]) + b"rubbish\n")
    done = _command(database, str(file), "--json")
    assert done.stdout, done.stderr
    summary = msgspec.json.decode(done.stdout, type=Restored)
    assert (done.returncode, counts(summary)) == (1, (4, 3, 0, 1))
    assert (summary.files, summary.oldest_at) == ((str(file),), START)
    told = _command(database, str(written(tmp_path / "u.csv", HEADER + encode(TICKS[:3]))))
    assert (told.returncode, told.stdout) == (0, "3 ticks read from 1 file: 0 new, 3 already there, 0 refused.\n")
    refused = _command(database, __file__)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "test_restore.py is no backup of ticks" in refused.stderr


def test_a_small_file_that_unfolds_to_an_endless_line_is_named_and_fills_no_memory(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as file:
        file.write(HEADER + encode(TICKS[:3]))
        for _ in range(32):
            file.write(bytes(2**20))
    assert path.stat().st_size < 2**17
    found = restored(database, path)
    assert (found.read, found.new) == (3, 3)
    (fault,) = found.faults
    assert "line 5 has more than 65536 characters" in fault.why


def test_what_is_no_file_is_refused_before_it_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/zero")):
        with pytest.raises(ConfigurationError, match="is no file"):
            backups([path])
