"""What a log said last, as a sentence: of a JSON line its message, of a long one its beginning."""

from __future__ import annotations

import json
from pathlib import Path

from include.stack.program import last_words


def _log(folder: Path, *lines: str) -> Path:
    log = folder / "part.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    return log


def test_of_a_line_of_json_the_message_is_told_and_not_the_traceback(tmp_path: Path) -> None:
    line = json.dumps({"level": "critical", "message": "the process ends: no room", "traceback": "File x\n" * 3000})
    assert len(line) > 20_000
    log = _log(tmp_path, "before", line)
    assert last_words(log, lines=1) == f"Its last words: the process ends: no room. The whole log: {log}"


def test_other_lines_are_told_as_they_are(tmp_path: Path) -> None:
    log = _log(tmp_path, "first", "[1, 2]", '{"level": "info"}', "", "last")
    assert last_words(log) == f'Its last words: first | [1, 2] | {{"level": "info"}} | last. The whole log: {log}'


def test_a_long_line_is_cut(tmp_path: Path) -> None:
    assert len(last_words(_log(tmp_path, "x" * 10_000))) < 1000


def test_no_log_is_said(tmp_path: Path) -> None:
    assert "Its last words: none." in last_words(tmp_path / "never.log")
