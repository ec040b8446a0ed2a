"""What could not be read is kept, named, and bounded."""

from __future__ import annotations

from pathlib import Path

from include.scrapers.evidence import Evidence


def test_page_and_picture_are_kept_under_a_name_that_says_what_it_is(tmp_path: Path) -> None:
    name = Evidence(tmp_path).keep("screener us 100M..1B", "<p>héllo</p>", b"\x89PNG")
    assert name is not None
    assert "screener-us-100m-1b" in name
    assert (tmp_path / name / "page.html").read_text(encoding="utf-8") == "<p>héllo</p>"
    assert (tmp_path / name / "screenshot.png").read_bytes() == b"\x89PNG"


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path, kept=3)
    names = [evidence.keep(f"page {n}", "", b"") for n in range(5)]
    assert sorted(path.name for path in tmp_path.iterdir()) == names[2:]


def test_a_full_disk_does_not_hide_the_failure_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Evidence(tmp_path / "file").keep("page", "", b"") is None
