"""`make bench`, or `make bench BENCH="pipeline memory"` for some of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.report import Line, Report
from include.errors import StocksError
from include.settings import Home, environment

Measure = Callable[[Path], Sequence[Line]]


def _pipeline(home: Path) -> Sequence[Line]:
    from bench import pipeline

    return pipeline.measure(home / "pipeline")


def _memory(home: Path) -> Sequence[Line]:
    from bench import memory

    return memory.measure(home / "memory")


def _ratios(home: Path) -> Sequence[Line]:
    from bench import ratios

    return ratios.measure(home)


def _upsert(home: Path) -> Sequence[Line]:
    from bench import upsert
    from bench.place import scratch_database

    with scratch_database(home / "upsert") as database:
        return upsert.measure(database)


def _sink(home: Path) -> Sequence[Line]:
    from bench import sink

    return sink.measure(home / "sink")


def _latency(home: Path) -> Sequence[Line]:
    from bench import sink_latency

    return sink_latency.measure(home / "latency")


def _sink_faults(home: Path) -> Sequence[Line]:
    from bench import sink_faults

    return sink_faults.measure(home / "sink_faults")


BENCHES: Mapping[str, Measure] = {
    "pipeline": _pipeline,
    "memory": _memory,
    "ratios": _ratios,
    "upsert": _upsert,
    "sink": _sink,
    "latency": _latency,
    "sink_faults": _sink_faults,
}


def main(wanted: list[str]) -> int:
    """Run the benches that are named, or all; the exit code is 1 if one broke."""
    unknown = set(wanted) - BENCHES.keys()
    if unknown:
        _say(f"no bench is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
        return 2
    home = Home.from_env(environment()).home
    report, broken = Report(home), []
    for name in wanted or BENCHES:
        _say(f"== {name}")
        try:
            for line in BENCHES[name](home / "bench"):
                report.add(line)
                _say(str(line))
        except StocksError as error:
            broken.append(name)
            _say(f"{name} could not be measured: {error}")
    return 1 if broken else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
