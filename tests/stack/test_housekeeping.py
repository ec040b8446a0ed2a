"""What grows is kept in bounds."""

from __future__ import annotations

import os
from pathlib import Path

from include.stack.housekeeping import remove_old_files, shorten_logs


def test_a_long_log_is_shortened_under_the_program_that_writes_it(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"a" * 2000)
        shorten_logs(tmp_path, most_bytes=1000)
        writer.write(b"b")
    assert log.read_bytes() == b"b"
    assert (tmp_path / "part.log.1").read_bytes() == b"a" * 2000


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "part.log").write_bytes(b"a")
    shorten_logs(tmp_path, most_bytes=1000)
    assert [p.name for p in tmp_path.iterdir()] == ["part.log"]


def test_old_files_go_and_their_empty_folders_with_them(tmp_path: Path) -> None:
    old, new = tmp_path / "dag" / "old", tmp_path / "dag" / "new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "attempt=1.log").write_text("x")
    now = (new / "attempt=1.log").stat().st_mtime
    for path in (old / "attempt=1.log", old):
        os.utime(path, (now - 20 * 86400, now - 20 * 86400))
    assert remove_old_files(tmp_path, now=now) == 1
    assert (new / "attempt=1.log").exists()
    assert not (old / "attempt=1.log").exists()
