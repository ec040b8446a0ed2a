"""A worker's memory stays flat: its peak after ten thousand stocks beside that after one thousand."""

from __future__ import annotations

from pathlib import Path

import msgspec
import psutil

from bench.place import bench_stack, scrape
from bench.report import Line
from include.stack.programs import Options

FIRST = ("us",)
THEN = ("gb", "jp", "br", "de", "fr", "in", "ca", "au", "it")
STOCKS_PER_REGION = 1000
_MIB = 2**20


def measure(home: Path) -> list[Line]:
    """One processing worker, never restarted; listed by API, since the listing is not what is measured."""
    options = Options(stocks_per_region=STOCKS_PER_REGION, processing_workers=1, feeds=False)
    with bench_stack(home, options, SCREENER="api") as stack:
        file = stack.state.home / "workers" / "processing-1.json"
        worker = psutil.Process(msgspec.json.decode(file.read_bytes())["pid"])
        before = _stocks(scrape(stack, *FIRST))
        early = _peak_mib(worker)
        after = before + sum(_stocks(scrape(stack, region)) for region in THEN)
        late = _peak_mib(worker)
    name = f"peak memory of one processing worker after {after} stocks, beside that after {before}"
    return [Line(name, late, "MiB", early, late / early)]


def _stocks(summary: dict[str, dict[str, dict[str, int]]]) -> int:
    return sum(region["completed"] for region in summary["regions"].values())


def _peak_mib(process: psutil.Process) -> float:
    """The most that it ever held (Linux); elsewhere what it holds now."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return float(process.memory_info().rss / _MIB)
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
