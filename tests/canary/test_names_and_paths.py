"""What others call things (symbols, stages, hosts) makes no path: every file stays in its folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from include.contracts.prices import Tick
from include.contracts.tasks import Stage
from include.errors import ConfigurationError
from include.feeds.base import PriceQuery
from include.feeds.brapi import Brapi
from include.scrapers.evidence import Evidence
from include.stores.csv_ticks import CsvStore
from include.workers.identity import claim

NAMES = ["../../outside", "/etc/outside", "..", "a/../../b", "nul\0byte", "line\nbreak", "\u2025/\u2025/outside", "-rf"]
every_name = pytest.mark.parametrize("name", NAMES, ids=map(ascii, NAMES))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "very" / "deep" / "folder"


def _outside(tmp_path: Path, folder: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if not (path == folder or folder in path.parents or path.is_dir())]


@every_name
def test_a_symbol_names_no_file_of_ticks(name: str, folder: Path, tmp_path: Path) -> None:
    store = CsvStore(folder, file_bytes=1)
    for number in range(3):  # each closes the file of the one before
        at = datetime(2026, 11, 20, 15, 0, number, tzinfo=UTC)
        named = {"feed": name, "symbol": name, "exchange": name}
        store.write([Tick(schema_version=1, tick_id=number, kind="trade", ticked_at=at, price=1.0, **named)])
    store.close()
    assert _outside(tmp_path, folder) == []


@every_name
def test_a_page_names_no_folder_of_evidence(name: str, folder: Path, tmp_path: Path) -> None:
    kept = Evidence(folder).keep(name, "<html>", b"png")
    assert kept is not None
    assert (folder / kept / "page.html").exists()
    assert _outside(tmp_path, folder) == []


@every_name
def test_a_worker_cannot_have_such_a_name(name: str, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--name .* is malformed"), claim(folder, Stage.SCRAPING, name):
        pass
    assert _outside(tmp_path, folder) == []


@every_name
def test_a_ticker_leads_to_no_other_path_of_its_vendor(name: str) -> None:
    path = Brapi(10).ask(PriceQuery((name, "PETR4"))).path
    assert path.startswith("/api/quote/")
    assert path.count("/") == 3
